// Renders random shelves and their labels for the detector's training: --scenes N --seed S --out folder/name. Plain shelves
// and hard ones as MIX says.
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { type Condition, conditionedScene } from '../sim/src/shelf/conditions.ts';
import { FRAME_HEIGHT, FRAME_WIDTH } from '../sim/src/shelf/frame.ts';
import { throughJpeg } from '../sim/src/shelf/jpeg.ts';
import { PRODUCTS } from '../sim/src/shelf/products.ts';
import { type Random, seededRandom } from '../sim/src/shelf/random.ts';
import { createRenderer } from '../sim/src/shelf/renderer.ts';
import { isHeldOut } from './held-out.ts';

/** 460 kB of pixels a scene: this many fill about 9 GB. */
const SCENES_MAX = 20_000;
/** Two fifths are what the shop mostly sees; the rest is what it must not stumble over. */
const MIX: readonly (readonly [condition: Condition, share: number])[] = [
  ['plain', 0.4],
  ['crowded', 0.07],
  ['occlusion', 0.09],
  ['fallen', 0.06],
  ['hand', 0.07],
  ['light', 0.08],
  ['blur', 0.06],
  ['fog', 0.06],
  ['moved-camera', 0.03],
  ['jpeg', 0.03],
  ['mixed', 0.05],
];

const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '16000' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'tools/data/train' },
  },
});
const scenes = wholeNumber('scenes', values.scenes, SCENES_MAX);
const seed = wholeNumber('seed', values.seed, 2 ** 32 - 1);
if (isHeldOut(seed)) throw new RangeError(`seed ${seed} is kept for the held-out scenes`);

const renderer = await createRenderer();
const random = seededRandom(seed);
const classOf = new Map(PRODUCTS.map(({ sku }, index) => [sku, index]));
const labels: number[][][] = [];

await mkdir(dirname(values.out), { recursive: true });
const pixels = createWriteStream(`${values.out}.rgb`);
for (let n = 0; n < scenes; n++) {
  const scene = conditionedScene(conditionOf(random), random);
  for (const camera of [0, 1] as const) {
    const { picture, pieces } = renderer.renderLabelled(scene, camera, random);
    // The label of a piece: class, then cx, cy, w, h as shares of the frame, then how much of it is seen.
    labels.push(
      pieces
        .filter(({ visible }) => visible > 0)
        .map(({ sku, cx, cy, w, h, visible }) => [classOf.get(sku)!, cx, cy, w, h, visible].map(short)),
    );
    const quality = scene.lenses?.[camera].jpegQuality;
    const { rgb } = quality === undefined ? picture : await throughJpeg(picture, quality);
    if (!pixels.write(rgb)) await new Promise<void>((resolve) => pixels.once('drain', () => resolve()));
  }
}
pixels.end();
await finished(pixels);
await writeFile(
  `${values.out}.json`,
  JSON.stringify({ width: FRAME_WIDTH, height: FRAME_HEIGHT, classes: PRODUCTS.map(({ sku }) => sku), labels }),
);
console.log(`${labels.length} pictures of ${scenes} scenes in ${values.out}.rgb`);

function conditionOf(draw: Random): Condition {
  let rest = draw();
  for (const [condition, share] of MIX) {
    rest -= share;
    if (rest < 0) return condition;
  }
  return 'plain';
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
