// Counts the held-out scenes with a detector and prints how many it counted exactly: --model FOLDER.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { orThrow, parseModelConfig, parsePreprocessorConfig, postprocess, preprocess } from '@tapcase/domain';
import * as ort from 'onnxruntime-node';
import { seededRandom } from '../sim/src/shelf/random.ts';
import { createRenderer } from '../sim/src/shelf/renderer.ts';
import { countItems, randomScene } from '../sim/src/shelf/scene.ts';
import { HELD_OUT_SCENES, HELD_OUT_SEED } from './held-out.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/demo-shelf' },
    threshold: { type: 'string', default: '0.5' },
    scenes: { type: 'string', default: String(HELD_OUT_SCENES) },
  },
});

const read = async (name: string) => JSON.parse(await readFile(join(values.model, name), 'utf8')) as unknown;
const labels = orThrow(parseModelConfig(await read('config.json')));
const preprocessing = orThrow(parsePreprocessorConfig(await read('preprocessor_config.json')));
const session = await ort.InferenceSession.create(join(values.model, 'model.onnx'));
const renderer = await createRenderer();
const random = seededRandom(HELD_OUT_SEED);
const threshold = Number(values.threshold);
const scenes = Number(values.scenes);

let viewsRight = 0;
let scenesRight = 0;
for (let n = 0; n < scenes; n += 1) {
  const scene = randomScene(random);
  const truth = print(countItems(scene.items));
  const seen = [];
  for (const camera of [0, 1] as const) seen.push(await count(renderer.render(scene, camera, random)));
  viewsRight += seen.filter(({ counts }) => print(counts) === truth).length;
  // Where the cameras differ about a label, the surer one is believed.
  const merged = new Map<string, number>();
  for (const label of new Set(seen.flatMap(({ counts }) => [...counts.keys()]))) {
    const [left, right] = seen as [Seen, Seen];
    const surer = (left.scores.get(label) ?? 0) >= (right.scores.get(label) ?? 0) ? left : right;
    const pieces = surer.counts.get(label) ?? 0;
    if (pieces > 0) merged.set(label, pieces);
  }
  if (print(merged) === truth) scenesRight += 1;
}
console.log(
  JSON.stringify({ scenes, threshold, scenesExact: scenesRight / scenes, viewsExact: viewsRight / (2 * scenes) }),
);

interface Seen {
  readonly counts: ReadonlyMap<string, number>;
  /** The lowest score among a label's pieces: how near the count was to another. */
  readonly scores: ReadonlyMap<string, number>;
}

async function count(image: { width: number; height: number; rgb: Uint8Array }): Promise<Seen> {
  const { data, width, height } = preprocess(image, preprocessing);
  const output = await session.run({ pixel_values: new ort.Tensor('float32', data, [1, 3, height, width]) });
  const [, queries, classes] = output.logits!.dims as [number, number, number];
  const detections = orThrow(
    postprocess(
      {
        queries,
        classes,
        logits: output.logits!.data as Float32Array,
        boxes: output.pred_boxes!.data as Float32Array,
      },
      { labels, size: image, threshold },
    ),
  );
  const counts = countItems(detections.map(({ label }) => ({ sku: label })));
  const scores = new Map<string, number>();
  for (const { label, score } of detections) scores.set(label, Math.min(scores.get(label) ?? 1, score));
  return { counts, scores };
}

function print(counts: ReadonlyMap<string, number>): string {
  return [...counts].sort().join(' ');
}
