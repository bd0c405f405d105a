// The graph of DETR with a ResNet-50, layer for layer and size for size, with random weights: for trying whether the real
// thing would load and run where its weights cannot be had. What it sees is noise.
// Architecture: Carion et al. 2020, section 3 and appendix A.4; modeling_detr.py of huggingface/transformers.
import { type Attribute, type Bytes, FLOAT, floats, INT64, int64s, model, node, port } from './onnx-writer.ts';

export interface DetrSizes {
  /** Bottleneck blocks of the four stages. */
  readonly blocks: readonly number[];
  /** Channels of the first stage; each following has twice as many. */
  readonly channels: number;
  /** Width of the transformer; a multiple of twice the heads. */
  readonly width: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly encoders: number;
  readonly decoders: number;
  readonly queries: number;
  /** "No object" included. */
  readonly classes: number;
}

/** facebook/detr-resnet-50: 41 million weights. */
export const DETR_RESNET_50: DetrSizes = {
  blocks: [3, 4, 6, 3],
  channels: 64,
  width: 256,
  heads: 8,
  feedForward: 2048,
  encoders: 6,
  decoders: 6,
  queries: 100,
  classes: 92,
};

/** The model file, in pieces: `pixel_values` of any size, a mask frozen at 64 x 64 as old exporters left it. */
export function randomDetr(sizes: DetrSizes = DETR_RESNET_50): Bytes {
  const graph = builder();
  const features = backbone(graph, sizes);
  const { width, queries, classes } = sizes;
  const positions = sinePositions(graph, features, width);
  const tokens = graph.op('Reshape', [
    graph.conv(features.name, features.channels, width, 1, 1),
    graph.shape([width, -1]),
  ]);
  const memory = encode(graph, graph.op('Transpose', [tokens], { perm: [1, 0] }), positions, sizes);
  const seen = decode(graph, memory, positions, sizes);
  // Four times the usual spread: some scores must come out above one half.
  graph.named('Reshape', [graph.linear(seen, width, classes, 4), graph.shape([1, queries, classes])], 'logits');
  const hidden = graph.op('Relu', [graph.linear(seen, width, width)]);
  const box = graph.linear(graph.op('Relu', [graph.linear(hidden, width, width)]), width, 4);
  graph.named('Reshape', [graph.op('Sigmoid', [box]), graph.shape([1, queries, 4])], 'pred_boxes');
  return model(
    {
      nodes: graph.nodes,
      initializers: graph.initializers,
      inputs: [
        port('pixel_values', FLOAT, ['batch', 3, 'height', 'width']),
        port('pixel_mask', INT64, ['batch', MASK_EDGE, MASK_EDGE]),
      ],
      outputs: [port('logits', FLOAT, ['batch', queries, classes]), port('pred_boxes', FLOAT, ['batch', queries, 4])],
    },
    OPSET,
  );
}

const MASK_EDGE = 64;
/** The first with LayerNormalization. */
const OPSET = 17;
/** Random attention spreads evenly, and every query would see the same: this makes each look at few places. */
const FOCUS = 3;
/** Of each block's last layer: what many random blocks add must not drown what came in. */
const RESIDUAL_SCALE = 0.2;

type Builder = ReturnType<typeof builder>;

/** Collects nodes and weights; every method gives the name of its result. */
function builder() {
  const nodes: Bytes[] = [];
  const initializers: Bytes[] = [];
  const random = uniforms();
  const named = (type: string, inputs: readonly string[], name: string, attributes?: Record<string, Attribute>) => {
    nodes.push(node(type, inputs, [name], attributes));
    return name;
  };
  const op = (type: string, inputs: readonly string[], attributes?: Record<string, Attribute>) =>
    named(type, inputs, `value${nodes.length}`, attributes);
  const keep = (make: (name: string) => Bytes) => {
    const name = `weight${initializers.length}`;
    initializers.push(make(name));
    return name;
  };
  const constant = (dims: readonly number[], values: ArrayLike<number>) => keep((name) => floats(name, dims, values));
  const weights = (dims: readonly number[], deviation: number) =>
    constant(
      dims,
      random(
        dims.reduce((product, dim) => product * dim, 1),
        deviation,
      ),
    );
  return {
    nodes,
    initializers,
    named,
    op,
    constant,
    weights,
    shape: (dims: readonly number[]) => keep((name) => int64s(name, [dims.length], dims)),
    conv: (input: string, from: number, to: number, kernel: number, stride: number, scale = 1) => {
      const weight = weights([to, from, kernel, kernel], scale * Math.sqrt(2 / (from * kernel * kernel)));
      const pad = (kernel - 1) / 2;
      return op('Conv', [input, weight, weights([to], 0.01)], {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
      });
    },
    linear: (input: string, from: number, to: number, scale = 1) =>
      op('Add', [op('MatMul', [input, weights([from, to], scale / Math.sqrt(from))]), weights([to], 0.1)]),
    norm: (input: string, width: number) => {
      const [ones, zeros] = [new Float32Array(width).fill(1), new Float32Array(width)];
      const inputs = [input, constant([width], ones), constant([width], zeros)];
      return op('LayerNormalization', inputs, { axis: 1, epsilon: { float: 1e-5 } });
    },
  };
}

interface Features {
  readonly name: string;
  readonly channels: number;
}

function backbone(graph: Builder, { blocks, channels }: DetrSizes): Features {
  const stem = graph.op('Relu', [graph.conv('pixel_values', 3, channels, 7, 2)]);
  let features: Features = {
    name: graph.op('MaxPool', [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    channels,
  };
  for (const [stage, count] of blocks.entries()) {
    for (let block = 0; block < count; block += 1) {
      features = bottleneck(graph, features, channels * 2 ** stage, block === 0 && stage > 0 ? 2 : 1);
    }
  }
  return features;
}

function bottleneck(graph: Builder, { name, channels }: Features, inner: number, stride: number): Features {
  const outer = inner * 4;
  const narrow = graph.op('Relu', [graph.conv(name, channels, inner, 1, 1)]);
  const looked = graph.op('Relu', [graph.conv(narrow, inner, inner, 3, stride)]);
  const wide = graph.conv(looked, inner, outer, 1, 1, RESIDUAL_SCALE);
  const same = stride === 1 && channels === outer;
  const beside = same ? name : graph.conv(name, channels, outer, 1, stride, Math.SQRT1_2);
  return { name: graph.op('Relu', [graph.op('Add', [wide, beside])]), channels: outer };
}

/** Sines of each place's row and column, counted over the mask: one line of `width` numbers a place. */
function sinePositions(graph: Builder, features: Features, width: number): string {
  const half = width / 2;
  const size = graph.op('Slice', [graph.op('Shape', [features.name]), graph.shape([2]), graph.shape([4])]);
  const mask = graph.op('Unsqueeze', [graph.op('Cast', ['pixel_mask'], { to: FLOAT }), graph.shape([1])]);
  const sizes = graph.op('Concat', [graph.shape([1, 1]), size], { axis: 0 });
  const fitted = graph.op('Resize', [mask, '', '', sizes], { mode: 'nearest' });
  // Both of a pair have the same frequency; the second is a cosine, which is a sine a quarter turn on.
  const frequencies = Float32Array.from(
    { length: half },
    (_, i) => (2 * Math.PI) / 10_000 ** ((2 * Math.floor(i / 2)) / half),
  );
  const phases = Float32Array.from({ length: half }, (_, i) => (i % 2 === 0 ? 0 : Math.PI / 2));
  const waves = [2, 3].map((axis) => {
    const counted = graph.op('CumSum', [fitted, graph.shape([axis])]);
    const share = graph.op('Div', [counted, graph.op('ReduceMax', [counted], { axes: [axis], keepdims: 1 })]);
    const places = graph.op('Reshape', [share, graph.shape([-1, 1])]);
    const angles = graph.op('Mul', [places, graph.constant([1, half], frequencies)]);
    return graph.op('Sin', [graph.op('Add', [angles, graph.constant([1, half], phases)])]);
  });
  return graph.op('Concat', waves, { axis: 1 });
}

function encode(graph: Builder, tokens: string, positions: string, sizes: DetrSizes): string {
  let state = tokens;
  for (let layer = 0; layer < sizes.encoders; layer += 1) {
    const placed = graph.op('Add', [state, positions]);
    const told = attention(graph, placed, placed, state, sizes);
    state = feedForward(graph, graph.norm(graph.op('Add', [state, told]), sizes.width), sizes);
  }
  return state;
}

function decode(graph: Builder, memory: string, positions: string, sizes: DetrSizes): string {
  const { width, queries } = sizes;
  const asked = graph.weights([queries, width], 1);
  const placedMemory = graph.op('Add', [memory, positions]);
  let state = graph.constant([queries, width], new Float32Array(queries * width));
  for (let layer = 0; layer < sizes.decoders; layer += 1) {
    const own = graph.op('Add', [state, asked]);
    state = graph.norm(graph.op('Add', [state, attention(graph, own, own, state, sizes)]), width);
    const looking = graph.op('Add', [state, asked]);
    const seen = attention(graph, looking, placedMemory, memory, sizes);
    state = feedForward(graph, graph.norm(graph.op('Add', [state, seen]), width), sizes);
  }
  return graph.norm(state, width);
}

function attention(graph: Builder, asks: string, keys: string, values: string, { width, heads }: DetrSizes): string {
  const each = width / heads;
  const split = (input: string, perm: readonly number[], scale = 1) => {
    const parted = graph.op('Reshape', [graph.linear(input, width, width, scale), graph.shape([-1, heads, each])]);
    return graph.op('Transpose', [parted], { perm });
  };
  const likeness = graph.op('MatMul', [split(asks, [1, 0, 2], FOCUS), split(keys, [1, 2, 0], FOCUS)]);
  const scaled = graph.op('Mul', [likeness, graph.constant([1], [1 / Math.sqrt(each)])]);
  const mixed = graph.op('MatMul', [graph.op('Softmax', [scaled], { axis: 2 }), split(values, [1, 0, 2])]);
  const joined = graph.op('Reshape', [graph.op('Transpose', [mixed], { perm: [1, 0, 2] }), graph.shape([-1, width])]);
  return graph.linear(joined, width, width, RESIDUAL_SCALE);
}

function feedForward(graph: Builder, state: string, { width, feedForward: inner }: DetrSizes): string {
  const hidden = graph.op('Relu', [graph.linear(state, width, inner)]);
  return graph.norm(graph.op('Add', [state, graph.linear(hidden, inner, width, RESIDUAL_SCALE)]), width);
}

/** Even numbers around 0 with the given deviation: the same ones every time. */
function uniforms(): (count: number, deviation: number) => Float32Array {
  let state = 1;
  return (count, deviation) => {
    const values = new Float32Array(count);
    // An even spread of -1..1 has a deviation of 1 / sqrt(3).
    const scale = (deviation * Math.sqrt(3)) / 2 ** 31;
    for (let i = 0; i < count; i += 1) {
      // Numerical Recipes' 32-bit generator.
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      values[i] = state * scale;
    }
    return values;
  };
}
