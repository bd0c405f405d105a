// Writes ONNX files by hand (onnx.proto3, the field numbers as there): enough of the format for the models that tests and
// tools make up, without Python.

/** Pieces in order; joined only when written, so that 170 MB of weights are not copied at every level. */
export type Bytes = readonly Uint8Array[];

export const FLOAT = 1;
export const INT64 = 7;
/** TensorProto.DataType numbers of the two types above. */
export type ElementType = typeof FLOAT | typeof INT64;

export type Attribute = number | readonly number[] | string | { readonly float: number };

export interface Graph {
  readonly nodes: readonly Bytes[];
  readonly initializers: readonly Bytes[];
  readonly inputs: readonly Bytes[];
  readonly outputs: readonly Bytes[];
}

/** ModelProto: IR version 8, which ONNX Runtime reads since 1.11. */
export function model({ nodes, initializers, inputs, outputs }: Graph, opset: number): Bytes {
  const graph = [
    ...nodes.map((bytes) => field(1, bytes)),
    field(2, text('graph')),
    ...initializers.map((bytes) => field(5, bytes)),
    ...inputs.map((bytes) => field(11, bytes)),
    ...outputs.map((bytes) => field(12, bytes)),
  ].flat();
  return [number(1, 8), field(7, graph), field(8, number(2, opset))].flat();
}

export function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Bytes {
  return [
    ...inputs.map((name) => field(1, text(name))),
    ...outputs.map((name) => field(2, text(name))),
    field(4, text(type)),
    ...Object.entries(attributes).map(([name, value]) => field(5, attribute(name, value))),
  ].flat();
}

export function floats(name: string, dims: readonly number[], values: ArrayLike<number>): Bytes {
  const data = values instanceof Float32Array ? values : Float32Array.from(values);
  return tensor(name, dims, FLOAT, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

export function int64s(name: string, dims: readonly number[], values: readonly number[]): Bytes {
  return tensor(name, dims, INT64, new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer));
}

/** An input or output; a dimension without a number is open, and has a name. */
export function port(name: string, type: ElementType, shape: readonly (number | string)[]): Bytes {
  const dims = shape.flatMap((dim) => field(1, typeof dim === 'number' ? number(1, dim) : field(2, text(dim))));
  const tensorType = [...number(1, type), ...field(2, dims)];
  return [...field(1, text(name)), ...field(2, field(1, tensorType))];
}

function attribute(name: string, value: Attribute): Bytes {
  const named = field(1, text(name));
  if (typeof value === 'number') return [...named, ...number(3, value), ...number(20, 2)];
  if (typeof value === 'string') return [...named, ...field(4, text(value)), ...number(20, 3)];
  if ('float' in value) {
    return [...named, key(2, 5), new Uint8Array(Float32Array.of(value.float).buffer), ...number(20, 1)];
  }
  return [...named, ...value.flatMap((one) => number(8, one)), ...number(20, 7)];
}

function tensor(name: string, dims: readonly number[], type: ElementType, raw: Uint8Array): Bytes {
  return [...dims.flatMap((dim) => number(1, dim)), ...number(2, type), ...field(8, text(name)), ...field(9, [raw])];
}

/** Protocol buffers: a field with a length, a number, and how numbers are written. */
function field(index: number, bytes: Bytes): Bytes {
  const length = bytes.reduce((sum, piece) => sum + piece.length, 0);
  return [key(index, 2), varint(length), ...bytes];
}

function number(index: number, of: number): Bytes {
  return [key(index, 0), varint(of)];
}

function key(index: number, wireType: number): Uint8Array {
  return varint(index * 8 + wireType);
}

function varint(of: number): Uint8Array {
  const bytes: number[] = [];
  let rest = of;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

function text(of: string): Bytes {
  return [new TextEncoder().encode(of)];
}
