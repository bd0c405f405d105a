// Runs a DETR model with ONNX Runtime in a process of its own, so that Node-RED stays awake and alive. The one file
// that knows it. Arguments: the model's folder, the number of threads.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Fault,
  type Labels,
  orThrow,
  type Preprocessing,
  parseModelConfig,
  parsePreprocessorConfig,
  postprocess,
  preprocess,
} from '@tapcase/domain';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { WorkerAnswer, WorkerRequest } from './messages.ts';

interface Loaded {
  readonly session: InferenceSession;
  readonly labels: Labels;
  readonly preprocessing: Preprocessing;
  readonly model: string;
}

const [folder = '', threads = '1'] = process.argv.slice(2);
/** Exports of old tools froze the mask at this size (optimum's dummy input); an all-ones mask means the same at any. */
const MASK_EDGE_DEFAULT = 64;

let loading = startLoading();

process.on('message', async (request: WorkerRequest) => {
  process.send?.(await answer(request));
});
// Node-RED has gone, perhaps without a word: nobody would ever end this process.
process.on('disconnect', () => process.exit());

async function answer({ id, image, threshold }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    const loaded = await useModel();
    const boxes = await run(loaded, image, threshold);
    return { id, kind: 'detected', model: loaded.model, boxes };
  } catch (thrown) {
    const fault =
      thrown instanceof Fault ? thrown : new Fault('detr.model-unfit', `the model did not run: ${String(thrown)}`);
    return { id, kind: 'fault', code: fault.code, message: fault.message };
  }
}

/** The model, tried again after it could not be loaded: a folder put right needs no Deploy. */
async function useModel(): Promise<Loaded> {
  try {
    return await loading;
  } catch {
    loading = startLoading();
    return await loading;
  }
}

function startLoading(): Promise<Loaded> {
  const started = load();
  // Reported with the next picture; without a handler Node would end the process first.
  started.catch(() => {});
  return started;
}

async function load(): Promise<Loaded> {
  const bytes = await readFile(join(folder, 'model.onnx')).catch((cause: unknown) => {
    throw new Fault('detr.model-missing', `no model.onnx in ${folder}`, {}, cause);
  });
  const labels = orThrow(parseModelConfig(await json('config.json')));
  const preprocessing = orThrow(parsePreprocessorConfig(await json('preprocessor_config.json')));
  try {
    const session = await InferenceSession.create(bytes, {
      intraOpNumThreads: Number(threads),
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Threads that spin after each run would heat a Pi for nothing.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    const model = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    return { session, labels, preprocessing, model };
  } catch (cause) {
    throw new Fault('detr.model-broken', 'model.onnx cannot be loaded', {}, cause);
  }
}

async function json(name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown;
  } catch (cause) {
    throw new Fault('detr.model-broken', `${name} is missing or not JSON`, {}, cause);
  }
}

async function run({ session, labels, preprocessing }: Loaded, image: WorkerRequest['image'], threshold: number) {
  const { data, width, height } = preprocess(image, preprocessing);
  const feeds: Record<string, Tensor> = { pixel_values: new Tensor('float32', data, [1, 3, height, width]) };
  if (session.inputNames.includes('pixel_mask')) feeds.pixel_mask = mask(session, height, width);
  const { logits, pred_boxes: boxes } = await session.run(feeds);
  const [, queries, classes] = logits?.dims ?? [];
  if (logits === undefined || boxes === undefined || queries === undefined || classes === undefined) {
    throw new Fault('detr.model-unfit', 'the model gives no logits and pred_boxes');
  }
  checkClasses(labels, classes);
  const output = { queries, classes, logits: logits.data as Float32Array, boxes: boxes.data as Float32Array };
  return orThrow(postprocess(output, { labels, size: image, threshold }));
}

/** The last class is "no object". A label there or beyond is of a family without one, which scores in another way. */
function checkClasses(labels: Labels, classes: number): void {
  const highest = Math.max(...labels.keys());
  if (highest < classes - 1) return;
  throw new Fault('detr.model-unfit', `label ${highest} leaves no class for "no object" among ${classes}`);
}

/** One picture has no padding: all ones, in the size the model declares. */
function mask(session: InferenceSession, height: number, width: number): Tensor {
  const declared = session.inputMetadata.find(({ name }) => name === 'pixel_mask');
  const shape = declared?.isTensor ? declared.shape : [];
  const frozen = typeof shape[1] === 'number' && shape[1] > 0;
  const dims = frozen ? [1, Number(shape[1]), Number(shape[2] ?? MASK_EDGE_DEFAULT)] : [1, height, width];
  const ones = new BigInt64Array(dims[1]! * dims[2]!).fill(1n);
  return new Tensor('int64', ones, dims);
}
