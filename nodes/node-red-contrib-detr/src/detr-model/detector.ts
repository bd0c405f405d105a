// Runs a model with ONNX Runtime: a picture in, detections out, each stage timed. The one file that knows the runtime.
import {
  type Binding,
  bindGraph,
  createPreprocessor,
  type Detection,
  Fault,
  fitSize,
  orThrow,
  type Picture,
  type PixelValues,
  type Port,
  type Preprocessor,
  postprocess,
  type Size,
} from '@tapcase/domain';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decode } from './decode.ts';
import { type ModelFolder, readModelFolder, stampOf } from './model-folder.ts';

/** From 1.30 on the runtime reports to its maker on what it runs, and keeps a file for it, unless told not to before its first session. */
process.env.ORT_DISABLE_TELEMETRY = '1';

/** Milliseconds. */
export interface RunStages {
  readonly decodeMs: number;
  readonly preprocessMs: number;
  readonly inferMs: number;
  readonly postprocessMs: number;
}

export interface Detected {
  readonly boxes: readonly Detection[];
  /** Of the original picture. */
  readonly size: Size;
  readonly stages: RunStages;
}

export interface Detector {
  readonly folder: ModelFolder;
  /** One picture at a time. Throws `image.*`, `detr.model-unfit` or `detr.bad-output`. */
  detect(picture: Picture, threshold: number): Promise<Detected>;
  close(): Promise<void>;
}

/** Throws `detr.model-missing`, `detr.model-broken` or `detr.model-unfit`. */
export async function openDetector(path: string, threads: number): Promise<Detector> {
  const folder = await readModelFolder(path);
  const session = await openSession(folder.file, threads);
  try {
    // Copied over while it was being read: the hash would be another model's.
    if ((await stampOf(path)) !== folder.stamp)
      throw new Fault('detr.model-broken', 'the model changed while it was loaded');
    const binding = orThrow(bindGraph(portsOf(session.inputMetadata), portsOf(session.outputMetadata)));
    const preprocessor = createPreprocessor(orThrow(fitSize(folder.preprocessing, binding)));
    return {
      folder,
      detect: (picture, threshold) => detect({ folder, session, binding, preprocessor }, picture, threshold),
      close: () => session.release(),
    };
  } catch (thrown) {
    await session.release();
    throw thrown;
  }
}

interface Opened {
  readonly folder: ModelFolder;
  readonly session: InferenceSession;
  readonly binding: Binding;
  readonly preprocessor: Preprocessor;
}

async function openSession(file: string, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(file, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // What the runtime only warns of is no news to the owner of a shop.
      logSeverityLevel: 3,
      // Threads that spin after each run would heat a Pi for nothing.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    throw new Fault('detr.model-broken', `the model cannot be loaded: ${oneLine(cause)}`, {}, cause);
  }
}

async function detect(opened: Opened, picture: Picture, threshold: number): Promise<Detected> {
  const { folder, binding, preprocessor } = opened;
  const startedMs = performance.now();
  const image = 'encoded' in picture ? await decode(picture.encoded) : picture;
  const decodedMs = performance.now();
  const pixels = orThrow(preprocessor(image));
  if (binding.frozen !== null && !isSize(pixels, binding.frozen)) {
    const { width, height } = binding.frozen;
    const message = `the graph takes ${width} x ${height} only, and this picture becomes ${pixels.width} x ${pixels.height}`;
    throw new Fault('detr.model-unfit', message);
  }
  const preprocessedMs = performance.now();
  const output = await infer(opened, pixels);
  const inferredMs = performance.now();
  const size = { width: image.width, height: image.height };
  const { labels, profile } = folder;
  const boxes = orThrow(postprocess(output, { labels, size, threshold, scores: profile.scores }));
  return {
    boxes,
    size,
    stages: {
      decodeMs: tenths(decodedMs - startedMs),
      preprocessMs: tenths(preprocessedMs - decodedMs),
      inferMs: tenths(inferredMs - preprocessedMs),
      postprocessMs: tenths(performance.now() - inferredMs),
    },
  };
}

async function infer({ session, binding }: Opened, pixels: PixelValues) {
  const { data, width, height } = pixels;
  const feeds: Record<string, Tensor> = { [binding.pixels]: new Tensor('float32', data, [1, 3, height, width]) };
  if (binding.mask !== null) feeds[binding.mask.name] = ones(binding.mask.size ?? pixels);
  const results = await session.run(feeds, [binding.logits, binding.boxes]).catch((cause: unknown) => {
    throw new Fault('detr.model-unfit', `the model did not run: ${oneLine(cause)}`, {}, cause);
  });
  const [logits, boxes] = [results[binding.logits]!, results[binding.boxes]!];
  const [, queries, classes] = logits.dims;
  if (logits.dims.length !== 3 || queries === undefined || classes === undefined) {
    throw new Fault('detr.model-unfit', `scores of shape ${logits.dims.join(' x ')}, three numbers expected`);
  }
  if (!(logits.data instanceof Float32Array && boxes.data instanceof Float32Array)) {
    throw new Fault('detr.model-unfit', `scores and boxes must be float32, not ${logits.type} and ${boxes.type}`);
  }
  return { queries, classes, logits: logits.data, boxes: boxes.data };
}

/** One picture has no padding: its mask is all ones. */
function ones({ height, width }: Size): Tensor {
  return new Tensor('int64', new BigInt64Array(height * width).fill(1n), [1, height, width]);
}

function portsOf(metadata: InferenceSession['inputMetadata']): Port[] {
  return metadata.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: value.shape }
      : { name: value.name, type: 'no tensor', shape: [] },
  );
}

function isSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

/** What the runtime says may go on for pages. */
function oneLine(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
