// Makes a tiny ONNX model with DETR's inputs and outputs, and pictures for it: each 16 x 16 cell of a 64 x 48 picture is
// one query, red is a cola, green a soda, anything dark is nothing. It looks at the pixels, so that a wrong channel order
// or normalisation shows.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

const CELL = 16;
const [COLUMNS, ROWS] = [4, 3];
const QUERIES = COLUMNS * ROWS;
export const TINY_SIZE = { width: COLUMNS * CELL, height: ROWS * CELL };

export interface TinyOptions {
  /** The exporters' three habits: no mask, one frozen at 64 x 64, one of the picture's size. */
  readonly mask?: 'none' | 'frozen' | 'dynamic';
  /** Another name for the first output makes a model that is not of the family. */
  readonly logitsName?: string;
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
  const { id2label = { 0: 'cola', 1: 'soda' } } = options;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), tinyModel(options));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'detr', id2label }));
  const half = [0.5, 0.5, 0.5];
  writeFileSync(
    join(folder, 'preprocessor_config.json'),
    JSON.stringify({ size: TINY_SIZE, image_mean: half, image_std: half }),
  );
}

/** A picture with the first cells filled: `{ cola: 2, soda: 1 }`. */
export function shelfPicture(counts: { readonly cola?: number; readonly soda?: number }) {
  const { width, height } = TINY_SIZE;
  const colours = [...Array(counts.cola ?? 0).fill([255, 0, 0]), ...Array(counts.soda ?? 0).fill([0, 255, 0])];
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const cell = Math.floor(y / CELL) * COLUMNS + Math.floor(x / CELL);
      rgb.set(colours[cell] ?? [0, 0, 0], (y * width + x) * 3);
    }
  }
  return { width, height, rgb };
}

export function shelfPng(counts: { readonly cola?: number; readonly soda?: number }): Promise<Buffer> {
  const { width, height, rgb } = shelfPicture(counts);
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Mean of each cell, then one linear layer: pixels are -1..1 after normalisation. */
function tinyModel({ mask = 'none', logitsName = 'logits', bias = 0 }: TinyOptions): Uint8Array {
  const weights = [8, -8, 0, -8, 8, 0, -8, -8, 0];
  const boxes = Array.from({ length: QUERIES }, (_, i) => [
    ((i % COLUMNS) + 0.5) / COLUMNS,
    (Math.floor(i / COLUMNS) + 0.5) / ROWS,
    1 / COLUMNS,
    1 / ROWS,
  ]).flat();
  const nodes = [
    node(
      'AveragePool',
      ['pixel_values'],
      ['means'],
      [ints('kernel_shape', [CELL, CELL]), ints('strides', [CELL, CELL])],
    ),
    node('Reshape', ['means', 'flat'], ['cells']),
    node('Transpose', ['cells'], ['queries'], [ints('perm', [0, 2, 1])]),
    node('MatMul', ['queries', 'weights'], ['scores']),
    node('Add', ['scores', 'bias'], [logitsName]),
    node('Identity', ['boxes'], ['pred_boxes']),
  ];
  const initializers = [
    int64s('flat', [3], [1, 3, QUERIES]),
    floats('weights', [3, 3], weights),
    floats('bias', [3], [bias, bias, 16 + bias]),
    floats('boxes', [1, QUERIES, 4], boxes),
  ];
  const inputs = [value('pixel_values', FLOAT, ['batch', 3, 'height', 'width'])];
  if (mask === 'frozen') inputs.push(value('pixel_mask', INT64, ['batch', 64, 64]));
  if (mask === 'dynamic') inputs.push(value('pixel_mask', INT64, ['batch', 'height', 'width']));
  const outputs = [value(logitsName, FLOAT, [1, QUERIES, 3]), value('pred_boxes', FLOAT, [1, QUERIES, 4])];
  const graph = [
    ...nodes.map((bytes) => field(1, bytes)),
    field(2, text('tiny')),
    ...initializers.map((bytes) => field(5, bytes)),
    ...inputs.map((bytes) => field(11, bytes)),
    ...outputs.map((bytes) => field(12, bytes)),
  ];
  // ModelProto: IR version 8, opset 13 (onnx.proto3, field numbers as there; the same below).
  return concat([number(1, 8), field(7, concat(graph)), field(8, number(2, 13))]);
}

const [FLOAT, INT64] = [1, 7];

function node(type: string, inputs: string[], outputs: string[], attributes: Uint8Array[] = []): Uint8Array {
  return concat([
    ...inputs.map((name) => field(1, text(name))),
    ...outputs.map((name) => field(2, text(name))),
    field(4, text(type)),
    ...attributes.map((bytes) => field(5, bytes)),
  ]);
}

function ints(name: string, values: readonly number[]): Uint8Array {
  return concat([field(1, text(name)), ...values.map((one) => number(8, one)), number(20, 7)]);
}

function floats(name: string, dims: readonly number[], values: readonly number[]): Uint8Array {
  return tensor(name, dims, FLOAT, new Uint8Array(Float32Array.from(values).buffer));
}

function int64s(name: string, dims: readonly number[], values: readonly number[]): Uint8Array {
  return tensor(name, dims, INT64, new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer));
}

function tensor(name: string, dims: readonly number[], type: number, raw: Uint8Array): Uint8Array {
  return concat([...dims.map((dim) => number(1, dim)), number(2, type), field(8, text(name)), field(9, raw)]);
}

function value(name: string, type: number, shape: readonly (number | string)[]): Uint8Array {
  const dims = shape.map((dim) => field(1, typeof dim === 'number' ? number(1, dim) : field(2, text(dim))));
  const tensorType = concat([number(1, type), field(2, concat(dims))]);
  return concat([field(1, text(name)), field(2, field(1, tensorType))]);
}

/** Protocol buffers: a length-delimited field, a number, and how numbers are written. */
function field(index: number, bytes: Uint8Array): Uint8Array {
  return concat([varint(index * 8 + 2), varint(bytes.length), bytes]);
}

function number(index: number, of: number): Uint8Array {
  return concat([varint(index * 8), varint(of)]);
}

function varint(of: number): Uint8Array {
  const bytes: number[] = [];
  let rest = of;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

function text(of: string): Uint8Array {
  return new TextEncoder().encode(of);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
