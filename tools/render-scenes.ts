// Renders random shelves and their labels for the detector's training: --scenes N --seed S --hard SHARE --out folder/name.
import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { CONDITIONS, type Condition, conditionedScene } from '../sim/src/shelf/conditions.ts';
import { FRAME_HEIGHT, FRAME_WIDTH } from '../sim/src/shelf/frame.ts';
import { throughJpeg } from '../sim/src/shelf/jpeg.ts';
import { PRODUCTS } from '../sim/src/shelf/products.ts';
import { type Random, seededRandom } from '../sim/src/shelf/random.ts';
import { createRenderer } from '../sim/src/shelf/renderer.ts';
import type { SeenPiece } from '../sim/src/shelf/types.ts';
import { isHeldOut, MAY_COUNT_SHARE, MUST_COUNT_SHARE } from './held-out.ts';

/** 460 kB of pixels a scene: this many fill about 9 GB. */
const SCENES_MAX = 20_000;
const HARD_CONDITIONS = CONDITIONS.filter((condition) => condition !== 'plain');

const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    hard: { type: 'string', default: '0.5' },
    out: { type: 'string', default: 'tools/data/train' },
  },
});
const scenes = wholeNumber('scenes', values.scenes, SCENES_MAX);
const seed = wholeNumber('seed', values.seed, 2 ** 32 - 1);
const hardShare = Number(values.hard);
if (!(hardShare >= 0 && hardShare <= 1)) throw new RangeError(`--hard is a share from 0 to 1, not ${values.hard}`);
if (isHeldOut(seed)) throw new RangeError(`seed ${seed} is kept for held-out scenes`);

const renderer = await createRenderer();
const random = seededRandom(seed);
const classOf = new Map(PRODUCTS.map(({ sku }, index) => [sku, index]));
const labels: number[][][] = [];

await mkdir(dirname(values.out), { recursive: true });
const pixels = createWriteStream(`${values.out}.rgb`);
for (let n = 0; n < scenes; n++) {
  const scene = conditionedScene(anyCondition(random), random);
  for (const camera of [0, 1] as const) {
    const { picture, pieces } = renderer.renderLabelled(scene, camera, random);
    labels.push(pieces.filter(({ visible }) => visible >= MAY_COUNT_SHARE).map(labelOf));
    const quality = scene.lenses?.[camera].jpegQuality;
    const { rgb } = quality === undefined ? picture : await throughJpeg(picture, quality);
    if (!pixels.write(rgb)) await new Promise<void>((resolve) => pixels.once('drain', () => resolve()));
  }
}
pixels.end();
await finished(pixels);
// Renamed into place: training that is under way takes a set as soon as its labels are there.
await writeFile(
  `${values.out}.part`,
  JSON.stringify({ width: FRAME_WIDTH, height: FRAME_HEIGHT, classes: PRODUCTS.map(({ sku }) => sku), labels }),
);
await rename(`${values.out}.part`, `${values.out}.json`);
console.log(`${labels.length} pictures of ${scenes} scenes in ${values.out}.rgb`);

function anyCondition(random: Random): Condition {
  if (random() >= hardShare) return 'plain';
  return HARD_CONDITIONS[Math.floor(random() * HARD_CONDITIONS.length)]!;
}

/** Class; cx, cy, w, h of the visible part as shares of the frame; 1 = must be counted, 0 = may be. */
function labelOf({ sku, cx, cy, w, h, visible }: SeenPiece): number[] {
  return [...[classOf.get(sku)!, cx, cy, w, h].map(short), visible >= MUST_COUNT_SHARE ? 1 : 0];
}

function short(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`--${name} is a whole number up to ${max}, not ${text}`);
  }
  return value;
}
