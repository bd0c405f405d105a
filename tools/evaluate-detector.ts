// Counts the held-out scenes with a detector and prints, condition by condition, how many it counted exactly:
// --model FOLDER, --condition plain (or all), --scenes N, --json; --against FOLDER sets another model's shares, on the same
// scenes, before each of this one's.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { orThrow, parseModelConfig, parsePreprocessorConfig, postprocess, preprocess } from '@tapcase/domain';
import * as ort from 'onnxruntime-node';
import { CONDITIONS, type Condition, goodsFor, isCondition, withTrouble } from '../sim/src/shelf/conditions.ts';
import { throughJpeg } from '../sim/src/shelf/jpeg.ts';
import { type Random, seededRandom } from '../sim/src/shelf/random.ts';
import { createRenderer } from '../sim/src/shelf/renderer.ts';
import type { CameraNumber, PlacedItem, Scene } from '../sim/src/shelf/types.ts';
import { HELD_OUT_SCENES, heldOutSeed, VISIBLE_MIN } from './held-out.ts';

// The runtime would report to its maker on what it runs.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** Of each hard condition, unless --scenes says otherwise. */
const HARD_SCENES = 300;
/** Between this and VISIBLE_MIN a piece may be counted or not. */
const VISIBLE_NONE = 0.2;
const CAMERAS = [0, 1] as const;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/demo-shelf' },
    threshold: { type: 'string', default: '0.5' },
    condition: { type: 'string', default: 'plain' },
    against: { type: 'string' },
    scenes: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const chosen = values.condition === 'all' ? CONDITIONS : [values.condition].filter(isCondition);
if (chosen.length === 0) throw new RangeError(`--condition is all or one of ${CONDITIONS.join(', ')}`);

const renderer = await createRenderer();
const threshold = Number(values.threshold);
const detector = await load(values.model);
const other = values.against === undefined ? undefined : await load(values.against);

interface Score {
  readonly condition: Condition;
  readonly scenes: number;
  /** Shares of scenes. */
  readonly both: number;
  readonly view: number;
  readonly change: number;
}

const scores: Score[] = [];
const others: Score[] = [];
for (const condition of chosen) {
  const usual = condition === 'plain' ? HELD_OUT_SCENES : HARD_SCENES;
  const scenes = values.scenes === '' ? usual : Number(values.scenes);
  scores.push(await score(detector, condition, scenes));
  if (other !== undefined) others.push(await score(other, condition, scenes));
  if (!values.json) console.error(`${condition} is done`);
}
if (values.json) console.log(JSON.stringify({ model: values.model, threshold, scores }));
else console.log(table(scores, others));

async function score(detector: Detector, condition: Condition, scenes: number): Promise<Score> {
  const random = seededRandom(heldOutSeed(condition));
  let [both, views, change] = [0, 0, 0];
  for (let n = 0; n < scenes; n += 1) {
    const goods = goodsFor(condition, random);
    const before = await looks(detector, withTrouble(goods, condition, random), random);
    views += before.filter(isExact).length;
    if (allLabels(before).every((label) => isExactFor(surer(before, label), label))) both += 1;
    const taken = takeSome(goods.items, random);
    const left = { ...goods, items: goods.items.filter((item) => !taken.includes(item)) };
    const after = await looks(detector, withTrouble(left, condition, random), random);
    if (isChangeRight(before, after, taken)) change += 1;
  }
  return { condition, scenes, both: both / scenes, view: views / (2 * scenes), change: change / scenes };
}

/** A folder's model, ready to look. */
interface Detector {
  readonly labels: Parameters<typeof postprocess>[1]['labels'];
  readonly preprocessing: Parameters<typeof preprocess>[1];
  readonly session: ort.InferenceSession;
}

async function load(folder: string): Promise<Detector> {
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown;
  return {
    labels: orThrow(parseModelConfig(await read('config.json'))),
    preprocessing: orThrow(parsePreprocessorConfig(await read('preprocessor_config.json'))),
    // Of a model this small a second thread saves no time, and waits for its share in a busy loop.
    session: await ort.InferenceSession.create(join(folder, 'model.onnx'), { intraOpNumThreads: 1 }),
  };
}

/** What one camera counted, how surely, and what it could have counted. */
interface Look {
  readonly counts: ReadonlyMap<string, number>;
  /** The lowest score among a label's pieces: how near the count was to another. */
  readonly scores: ReadonlyMap<string, number>;
  readonly least: ReadonlyMap<string, number>;
  readonly most: ReadonlyMap<string, number>;
}

async function looks(detector: Detector, scene: Scene, random: Random): Promise<[Look, Look]> {
  const both: Look[] = [];
  for (const camera of CAMERAS) both.push(await look(detector, scene, camera, random));
  return both as [Look, Look];
}

async function look(detector: Detector, scene: Scene, camera: CameraNumber, random: Random): Promise<Look> {
  const { labels, preprocessing, session } = detector;
  const { picture, pieces } = renderer.renderLabelled(scene, camera, random);
  const quality = scene.lenses?.[camera].jpegQuality;
  const image = quality === undefined ? picture : await throughJpeg(picture, quality);
  const { data, width, height } = preprocess(image, preprocessing);
  const output = await session.run({ pixel_values: new ort.Tensor('float32', data, [1, 3, height, width]) });
  const [, queries, classes] = output.logits!.dims as [number, number, number];
  const [logits, boxes] = [output.logits!.data as Float32Array, output.pred_boxes!.data as Float32Array];
  const detections = orThrow(postprocess({ queries, classes, logits, boxes }, { labels, size: image, threshold }));
  const least = new Map<string, number>();
  for (const { label, score } of detections) least.set(label, Math.min(least.get(label) ?? 1, score));
  return {
    counts: counted(detections.map(({ label }) => label)),
    scores: least,
    least: counted(pieces.filter(({ visible }) => visible >= VISIBLE_MIN).map(({ sku }) => sku)),
    most: counted(pieces.filter(({ visible }) => visible >= VISIBLE_NONE).map(({ sku }) => sku)),
  };
}

function isExact(one: Look): boolean {
  return allLabels([one]).every((label) => isExactFor(one, label));
}

function isExactFor({ counts, least, most }: Look, label: string): boolean {
  const count = counts.get(label) ?? 0;
  return count >= (least.get(label) ?? 0) && count <= (most.get(label) ?? 0);
}

/** Where the cameras differ about a label, the surer one is believed. */
function surer([left, right]: readonly [Look, Look], label: string): Look {
  return (left.scores.get(label) ?? 0) >= (right.scores.get(label) ?? 0) ? left : right;
}

/** Whether what the surer camera missed afterwards is what was really taken. */
function isChangeRight(
  before: readonly [Look, Look],
  after: readonly [Look, Look],
  taken: readonly PlacedItem[],
): boolean {
  const truth = counted(taken.map(({ sku }) => sku));
  return allLabels([...before, ...after]).every((label) => {
    const sureness = (n: 0 | 1) => surenessOf(before[n].scores.get(label), after[n].scores.get(label));
    const camera = sureness(0) >= sureness(1) ? 0 : 1;
    const gone = (before[camera].counts.get(label) ?? 0) - (after[camera].counts.get(label) ?? 0);
    return gone === (truth.get(label) ?? 0);
  });
}

/** Gone altogether is a sure thing to see; never seen is not. */
function surenessOf(before: number | undefined, after: number | undefined): number {
  return before === undefined && after === undefined ? 0 : Math.min(before ?? 1, after ?? 1);
}

/** One to three pieces, as most customers do. */
function takeSome(items: readonly PlacedItem[], random: Random): readonly PlacedItem[] {
  const rest = [...items];
  const wanted = Math.min(rest.length, 1 + Math.floor(random() * 3));
  return Array.from({ length: wanted }, () => rest.splice(Math.floor(random() * rest.length), 1)[0]!);
}

function allLabels(all: readonly Look[]): readonly string[] {
  return [...new Set(all.flatMap(({ counts, most }) => [...counts.keys(), ...most.keys()]))];
}

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function table(rows: readonly Score[], before: readonly Score[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const cell = (row: number, of: 'both' | 'view' | 'change') =>
    [before[row]?.[of], rows[row]![of]]
      .filter((share) => share !== undefined)
      .map(percent)
      .join(' → ');
  return [
    '| condition | scenes | both cameras | one view | change of 1 to 3 pieces |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ condition, scenes }, row) =>
        `| ${condition} | ${scenes} | ${cell(row, 'both')} | ${cell(row, 'view')} | ${cell(row, 'change')} |`,
    ),
  ].join('\n');
}
