// node bench/detect.ts: the detector against transformers.js (where that is installed: test/oracle) in one run, on the same
// frames, model and threads; then what Node-RED feels of it, and its memory over 10,000 frames.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  createPreprocessor,
  Fault,
  orThrow,
  parsePreprocessorConfig,
  postprocess,
  type RgbImage,
} from '@tapcase/domain';
import sharp from 'sharp';
import { openDetector } from '../nodes/node-red-contrib-detr/src/detr-model/detector.ts';
import { modelProcess } from '../nodes/node-red-contrib-detr/src/detr-model/model-process.ts';
import { shelfPicture, writeTinyModel } from '../test/nodes/tiny-detr.ts';
import { type Transformers, transformers } from '../test/oracle/transformers.ts';
import { writeRandomDetr } from '../tools/make-random-detr.ts';

const THREADS = 2;
const FRAME = { width: 1280, height: 720 };
const [QUERIES, CLASSES] = [100, 92];
const RUNS = 25;
const WHOLE_RUNS = 10;
const MEMORY_FRAMES = 10_000;
const LOOP_FRAMES = 100;

/** facebook/detr-resnet-50's. */
const PROCESSOR = {
  do_resize: true,
  resample: 2,
  size: { shortest_edge: 800, longest_edge: 1333 },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
};

const home = mkdtempSync(join(tmpdir(), 'tapcase-bench-'));
try {
  const oracle = await transformers();
  if (oracle === undefined)
    console.log('transformers.js is not installed: npm ci --prefix test/oracle --ignore-scripts');
  await comparePreAndPost(oracle);
  await compareWhole(oracle);
  await feelLoop();
  await watchMemory();
} finally {
  rmSync(home, { recursive: true, force: true });
}
process.exit();

async function comparePreAndPost(oracle: Transformers | undefined): Promise<void> {
  const [image, i420] = [frame(), i420Frame()];
  const preprocessor = createPreprocessor(orThrow(parsePreprocessorConfig({})));
  const output = randomOutput();
  const labels = new Map(Array.from({ length: CLASSES - 1 }, (_, id) => [id, String(id)]));
  const ours = {
    pre: await medianMs(RUNS, () => preprocessor(image)),
    post: await medianMs(RUNS, () => postprocess(output, { labels, size: FRAME, threshold: 0.5 })),
  };
  report('pre-processing of 1280 x 720, ours', ours.pre, 'ms');
  report('the same from I420', await medianMs(RUNS, () => preprocessor(i420)), 'ms');
  report('post-processing of 100 x 92, ours', ours.post, 'ms');
  if (oracle === undefined) return;
  const processor = new oracle.DetrImageProcessor(PROCESSOR);
  const raw = new oracle.RawImage(new Uint8ClampedArray(image.rgb), FRAME.width, FRAME.height, 3);
  const tensors = {
    logits: new oracle.Tensor('float32', output.logits, [1, QUERIES, CLASSES]),
    pred_boxes: new oracle.Tensor('float32', output.boxes, [1, QUERIES, 4]),
  };
  const sizes = [[FRAME.height, FRAME.width]] as const;
  const theirs = {
    pre: await medianMs(RUNS, () => processor([raw])),
    post: await medianMs(RUNS, () => processor.post_process_object_detection(tensors, 0.5, sizes)),
  };
  report('pre-processing, transformers.js', theirs.pre, 'ms');
  report('post-processing, transformers.js', theirs.post, 'ms');
  report('both: transformers.js / ours', (theirs.pre + theirs.post) / (ours.pre + ours.post), 'times');
}

/** In turns, so that whatever else the machine does hits both. */
async function compareWhole(oracle: Transformers | undefined): Promise<void> {
  await writeRandomDetr(join(home, 'full'));
  const image = frame();
  const detector = await openDetector(join(home, 'full'), THREADS);
  const ours = async () => {
    const { stages } = await detector.detect(image, 0.5);
    return stages;
  };
  const theirs = oracle === undefined ? undefined : await wholeOracle(oracle, image);
  const times: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] };
  for (let run = 0; run <= WHOLE_RUNS; run += 1) {
    const otherFirst = run % 2 === 0 && theirs !== undefined ? await msOf(theirs) : undefined;
    const own = await msOf(ours);
    const other = otherFirst ?? (theirs === undefined ? 0 : await msOf(theirs));
    // The first run of each warms up.
    if (run === 0) continue;
    times.ours.push(own);
    times.theirs.push(other);
  }
  const { preprocessMs, inferMs, postprocessMs } = await ours();
  await detector.close();
  // The best of ten: what else the machine does can only make a run slower.
  report(`DETR-R50 (random weights), whole, ${THREADS} threads, ours`, Math.min(...times.ours), 'ms');
  report('  of it pre-processing', preprocessMs, 'ms');
  report('  of it the model', inferMs, 'ms');
  report('  of it post-processing', postprocessMs, 'ms');
  if (theirs === undefined) return;
  report('the same, transformers.js', Math.min(...times.theirs), 'ms');
  report('whole: transformers.js / ours', Math.min(...times.theirs) / Math.min(...times.ours), 'times');
  report('  by the medians', median(times.theirs) / median(times.ours), 'times');
}

async function wholeOracle(oracle: Transformers, image: RgbImage): Promise<() => Promise<unknown>> {
  oracle.env.localModelPath = home;
  const options = { dtype: 'fp32', session_options: { intraOpNumThreads: THREADS, interOpNumThreads: 1 } } as const;
  const model = await oracle.AutoModelForObjectDetection.from_pretrained('full', options);
  const processor = await oracle.AutoProcessor.from_pretrained('full');
  const raw = new oracle.RawImage(new Uint8ClampedArray(image.rgb), FRAME.width, FRAME.height, 3);
  return async () => {
    const output = await model(await processor([raw]));
    return processor.image_processor.post_process_object_detection(output, 0.5, [[FRAME.height, FRAME.width]]);
  };
}

/** Frames one after the other, as fast as they are seen: the worst that two cameras could do to Node-RED. */
async function feelLoop(): Promise<void> {
  const model = modelProcess({ folder: 'models/demo-shelf', threads: THREADS });
  const raw = frame();
  const jpeg = {
    encoded: await sharp(raw.rgb, { raw: { ...FRAME, channels: 3 } })
      .jpeg()
      .toBuffer(),
  };
  for (const [name, picture] of [
    ['RGB', raw],
    ['JPEG', jpeg],
  ] as const) {
    await model.detect({ picture, threshold: 0.5, lane: null });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const startedMs = performance.now();
    let last: Record<string, number> = {};
    for (let i = 0; i < LOOP_FRAMES; i += 1) {
      last = { ...(await model.detect({ picture, threshold: 0.5, lane: null })).stages };
    }
    const ms = performance.now() - startedMs;
    delay.disable();
    report(`demo shelf, 720p as ${name}, through its process, a frame`, ms / LOOP_FRAMES, 'ms');
    console.log(
      `  the last one: ${Object.entries(last)
        .map(([stage, took]) => `${stage} ${took}`)
        .join(', ')}`,
    );
    report('  Node-RED’s loop meanwhile, delay p99', delay.percentile(99) / 1e6, 'ms');
    report('  the longest', delay.max / 1e6, 'ms');
  }
  await model.close();
}

async function watchMemory(): Promise<void> {
  const folder = join(home, 'tiny');
  writeTinyModel(folder);
  const model = modelProcess({ folder, threads: 1 });
  const shelf = shelfPicture({ cola: 3 });
  const encoded = await sharp(shelf.rgb, { raw: { width: shelf.width, height: shelf.height, channels: 3 } })
    .jpeg()
    .toBuffer();
  for (let i = 1; i <= MEMORY_FRAMES; i += 1) {
    await model.detect({ picture: i % 2 === 0 ? shelf : { encoded }, threshold: 0.5, lane: i % 3 === 0 ? null : '0' });
    if (![1, 1000, 2000, 5000, MEMORY_FRAMES].includes(i)) continue;
    report(`memory of the detector’s process after ${i} frames`, childMegabytes(), 'MB');
    report('  of this one', process.memoryUsage().rss / 1e6, 'MB');
  }
  await model.close();
}

/** Resident memory of the only child (Linux). */
function childMegabytes(): number {
  const [child] = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
  return (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? Number.NaN) * 1024) / 1e6;
}

function frame(): RgbImage {
  return { ...FRAME, rgb: Buffer.from(bytes(FRAME.width * FRAME.height * 3)) };
}

function i420Frame() {
  return { ...FRAME, i420: bytes(FRAME.width * FRAME.height * 1.5) };
}

function randomOutput() {
  const noise = bytes(QUERIES * CLASSES);
  return {
    queries: QUERIES,
    classes: CLASSES,
    logits: Float32Array.from(noise, (byte) => byte / 16 - 8),
    boxes: Float32Array.from({ length: QUERIES * 4 }, (_, i) => 0.2 + noise[i]! / 600),
  };
}

function bytes(count: number): Uint8Array {
  let state = 1;
  return new Uint8Array(count).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

async function medianMs(runs: number, action: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push(await msOf(action));
  return median(times);
}

async function msOf(action: () => unknown): Promise<number> {
  const startedMs = performance.now();
  const result = await action();
  if (result instanceof Fault) throw result;
  return performance.now() - startedMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function report(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(56)} ${value.toFixed(unit === 'MB' ? 0 : 1).padStart(7)} ${unit}`);
}
