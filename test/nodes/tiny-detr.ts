// Makes tiny ONNX models with the inputs and outputs of each family, and pictures for them: each 16 x 16 cell of a 64 x 48
// picture is one query, red is a cola, green a soda, anything dark is nothing. They look at the pixels, so that a wrong
// channel order or normalisation shows.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Bytes, FLOAT, floats, INT64, int64s, model, node, port } from '../../tools/onnx-writer.ts';

const CELL = 16;
const [COLUMNS, ROWS] = [4, 3];
const QUERIES = COLUMNS * ROWS;
export const TINY_SIZE = { width: COLUMNS * CELL, height: ROWS * CELL };

export interface TinyOptions {
  /** RT-DETR scores with a sigmoid; RF-DETR also names its ports otherwise, freezes its size and has no JSON files. */
  readonly family?: 'detr' | 'rt_detr' | 'rf_detr';
  /** The exporters' three habits: no mask, one frozen at 64 x 64, one of the picture's size. */
  readonly mask?: 'none' | 'frozen' | 'dynamic';
  /** Another name for the first output: fine while the shapes tell the two apart. */
  readonly logitsName?: string;
  /** An input or output more, that nobody asked for. */
  readonly extra?: 'input' | 'output';
  readonly id2label?: Readonly<Record<string, string>>;
  /** Added to every logit: Infinity makes a model that answers nonsense. */
  readonly bias?: number;
}

/** A new folder with the model and its two configurations. */
export function tinyModelFolder(options: TinyOptions = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-detr-'));
  writeTinyModel(folder, options);
  return folder;
}

export function writeTinyModel(folder: string, options: TinyOptions = {}): void {
  const { id2label = { 0: 'cola', 1: 'soda' }, family = 'detr' } = options;
  mkdirSync(folder, { recursive: true });
  // RF-DETR's own name for its file.
  const file = family === 'rf_detr' ? 'inference_model.onnx' : 'model.onnx';
  writeFileSync(join(folder, file), tinyModel(options));
  if (family === 'rf_detr') return;
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: family, id2label }));
  const half = [0.5, 0.5, 0.5];
  const colours =
    family === 'detr' ? { do_normalize: true, image_mean: half, image_std: half } : { do_normalize: false };
  writeFileSync(
    join(folder, 'preprocessor_config.json'),
    JSON.stringify({ image_processor_type: 'DetrImageProcessor', size: TINY_SIZE, ...RESCALE, ...colours }),
  );
}

/** Said aloud, because transformers.js, unlike the Python reference, takes what is not said for no. */
const RESCALE = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, resample: 2 };

/** What is dark is nothing; striped, because a lens that sees one colour everywhere is covered. */
const DARK = (x: number, light: number) => (x % 16 < 8 ? [0, 0, 0] : [light, light, light]);
const LIGHT = 40;

/** A picture with the first cells filled: `{ cola: 2, soda: 1 }`. In another light, up to 60, no camera takes it for the same. */
export function shelfPicture(counts: { readonly cola?: number; readonly soda?: number }, light = LIGHT) {
  const { width, height } = TINY_SIZE;
  const colours = [...Array(counts.cola ?? 0).fill([255, 0, 0]), ...Array(counts.soda ?? 0).fill([0, 255, 0])];
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const cell = Math.floor(y / CELL) * COLUMNS + Math.floor(x / CELL);
      rgb.set(colours[cell] ?? DARK(x, light), (y * width + x) * 3);
    }
  }
  return { width, height, rgb };
}

export function shelfPng(counts: { readonly cola?: number; readonly soda?: number }, light = LIGHT): Promise<Buffer> {
  const { width, height, rgb } = shelfPicture(counts, light);
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

interface Shape {
  readonly ports: { readonly pixels: string; readonly logits: string; readonly boxes: string };
  readonly frozen: boolean;
  readonly classes: number;
  /** Channels x classes. */
  readonly weights: readonly number[];
  readonly bias: readonly number[];
}

const HF_PORTS = { pixels: 'pixel_values', logits: 'logits', boxes: 'pred_boxes' };
/** RF-DETR knows COCO's ids, 0 to 90: red is a bottle there (44), green a cup (47). */
const [COCO_CLASSES, BOTTLE, CUP] = [91, 44, 47];

const SHAPES: Readonly<Record<'detr' | 'rt_detr' | 'rf_detr', Shape>> = {
  // Pixels are -1..1; "no object" is the third class.
  detr: { ports: HF_PORTS, frozen: false, classes: 3, weights: [8, -8, 0, -8, 8, 0, -8, -8, 0], bias: [0, 0, 16] },
  // Pixels are 0..1, so red alone gives +6 and dark -6.
  rt_detr: { ports: HF_PORTS, frozen: false, classes: 2, weights: [12, -12, -12, 12, -12, -12], bias: [-6, -6] },
  // Pixels are about -2..2.5 around ImageNet's mean.
  rf_detr: {
    ports: { pixels: 'input', logits: 'labels', boxes: 'dets' },
    frozen: true,
    classes: COCO_CLASSES,
    weights: [0, 1, 2].flatMap((channel) =>
      Array.from(
        { length: COCO_CLASSES },
        (_, id) => (id === BOTTLE ? [6, -6, -6] : id === CUP ? [-6, 6, -6] : [0, 0, 0])[channel]!,
      ),
    ),
    bias: Array.from({ length: COCO_CLASSES }, () => -12),
  },
};

/** Mean of each cell, then one linear layer. */
function tinyModel(options: TinyOptions): Uint8Array {
  const { family = 'detr', mask = 'none', bias = 0, extra } = options;
  const { ports, frozen, classes, weights, bias: biases } = SHAPES[family];
  const logits = options.logitsName ?? ports.logits;
  const cells = Array.from({ length: QUERIES }, (_, i) => [
    ((i % COLUMNS) + 0.5) / COLUMNS,
    (Math.floor(i / COLUMNS) + 0.5) / ROWS,
    1 / COLUMNS,
    1 / ROWS,
  ]).flat();
  const nodes = [
    node('AveragePool', [ports.pixels], ['means'], { kernel_shape: [CELL, CELL], strides: [CELL, CELL] }),
    node('Reshape', ['means', 'flat'], ['cells']),
    node('Transpose', ['cells'], ['queries'], { perm: [0, 2, 1] }),
    node('MatMul', ['queries', 'weights'], ['scores']),
    node('Add', ['scores', 'bias'], [logits]),
    node('Identity', ['places'], [ports.boxes]),
    ...(extra === 'output' ? [node('Identity', [logits], ['encoder_logits'])] : []),
  ];
  const size = frozen ? [TINY_SIZE.height, TINY_SIZE.width] : ['height', 'width'];
  const inputs: Bytes[] = [port(ports.pixels, FLOAT, [frozen ? 1 : 'batch', 3, ...size])];
  if (mask === 'frozen') inputs.push(port('pixel_mask', INT64, ['batch', 64, 64]));
  if (mask === 'dynamic') inputs.push(port('pixel_mask', INT64, ['batch', 'height', 'width']));
  if (extra === 'input') inputs.push(port('orig_target_sizes', INT64, ['batch', 2]));
  const outputs = [port(logits, FLOAT, [1, QUERIES, classes]), port(ports.boxes, FLOAT, [1, QUERIES, 4])];
  if (extra === 'output') outputs.push(port('encoder_logits', FLOAT, [1, QUERIES, classes]));
  const initializers = [
    int64s('flat', [3], [1, 3, QUERIES]),
    floats('weights', [3, classes], weights),
    floats(
      'bias',
      [classes],
      biases.map((one) => one + bias),
    ),
    floats('places', [1, QUERIES, 4], cells),
  ];
  return Buffer.concat(model({ nodes, initializers, inputs, outputs }, 13));
}
