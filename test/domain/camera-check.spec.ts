// What tells a camera that freezes, sees nothing or hangs in another's place from one that is well, on rendered shelves.
import assert from 'node:assert/strict';
import {
  COVERED_DEVIATION_MAX,
  edgesOf,
  FROZEN_CELLS_SHARE_MAX,
  FROZEN_MS,
  FROZEN_PICTURES,
  isCovered,
  isFrozen,
  likeness,
  meanThumbnail,
  nextStillness,
  type ReferenceEdges,
  type Stillness,
  SWAPPED_MARGIN,
  seenInstead,
  THUMBNAIL_HEIGHT,
  THUMBNAIL_WIDTH,
  type Thumbnail,
} from '@tapcase/domain';
import { type Random, seededRandom } from '@tapcase/sim/shelf/random';
import { createRenderer, type Renderer } from '@tapcase/sim/shelf/renderer';
import { randomScene } from '@tapcase/sim/shelf/scene';
import type { CameraNumber, Scene } from '@tapcase/sim/shelf/types';

const CELLS = THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT;
/** Enough to see a rule that has become worse; 2,000 were measured once, none was wrong. */
const PAIRS = 60;

describe('a camera judged by its pictures', () => {
  let renderer: Renderer;
  let random: Random;
  before(async () => {
    renderer = await createRenderer();
  });
  beforeEach(() => {
    random = seededRandom(11);
  });

  /** Cells are means of 5 x 5 pixels, as any good reduction makes them. */
  const look = (scene: Scene, camera: CameraNumber): Thumbnail => {
    const { width, rgb } = renderer.render(scene, camera, random);
    const step = width / THUMBNAIL_WIDTH;
    const luma = Uint8Array.from({ length: CELLS }, (_, cell) => {
      const [left, top] = [(cell % THUMBNAIL_WIDTH) * step, Math.floor(cell / THUMBNAIL_WIDTH) * step];
      let sum = 0;
      for (let y = top; y < top + step; y += 1) {
        for (let x = left; x < left + step; x += 1) {
          const at = (y * width + x) * 3;
          sum += 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
        }
      }
      return Math.round(sum / step ** 2);
    });
    return { width: THUMBNAIL_WIDTH, height: THUMBNAIL_HEIGHT, luma };
  };
  const empty: Scene = { items: [], doorOpen: false, lamp: 0.72 };

  it('a live camera is never frozen, however little happens on the shelf', () => {
    let stillness: Stillness | undefined;
    for (let second = 0; second < 30; second += 1) {
      stillness = nextStillness(stillness, look(empty, 0), second * 1000);
      assert.equal(stillness.pictures, 1);
      assert.equal(isFrozen(stillness, second * 1000), false);
    }
  });

  it('the same picture is frozen from the third on, and only after eight seconds', () => {
    const picture = look(empty, 0);
    const frozenAfter = (pictures: number, ms: number) => {
      let stillness: Stillness | undefined;
      for (let i = 0; i < pictures; i += 1) stillness = nextStillness(stillness, picture, (ms * i) / (pictures - 1));
      return isFrozen(stillness!, ms);
    };
    assert.equal(frozenAfter(FROZEN_PICTURES, FROZEN_MS), true);
    assert.equal(frozenAfter(FROZEN_PICTURES, FROZEN_MS - 1), false);
    assert.equal(frozenAfter(FROZEN_PICTURES - 1, FROZEN_MS), false);
  });

  it('a few cells that differ, as a video encoder leaves them, are still the same picture', () => {
    const picture = look(empty, 0);
    const changed = (cells: number): Thumbnail => {
      const luma = picture.luma.map((value, at) => (at < cells ? value ^ 1 : value));
      return { ...picture, luma };
    };
    const most = Math.floor(CELLS * FROZEN_CELLS_SHARE_MAX);
    const first = nextStillness(undefined, picture, 0);
    assert.equal(nextStillness(first, changed(most), 1).pictures, 2);
    assert.equal(nextStillness(first, changed(most + 1), 1).pictures, 1);
    assert.equal(nextStillness(first, { width: 1, height: 1, luma: new Uint8Array(1) }, 1).pictures, 1);
  });

  it('black, white and fog are covered; an empty shelf under a weak lamp is not', () => {
    const flat = (value: number): Thumbnail => ({ ...look(empty, 0), luma: new Uint8Array(CELLS).fill(value) });
    assert.equal(isCovered(flat(0)), true);
    assert.equal(isCovered(flat(255)), true);
    const shelf = look(empty, 1);
    assert.equal(isCovered(shelf), false);
    const mean = shelf.luma.reduce((sum, value) => sum + value, 0) / CELLS;
    const deviation = Math.sqrt(shelf.luma.reduce((sum, value) => sum + (value - mean) ** 2, 0) / CELLS);
    const foggedTo = (wanted: number): Thumbnail => ({
      ...shelf,
      luma: shelf.luma.map((value) => Math.round(mean + ((value - mean) * wanted) / deviation)),
    });
    assert.equal(isCovered(foggedTo(COVERED_DEVIATION_MAX - 0.2)), true);
    assert.equal(isCovered(foggedTo(COVERED_DEVIATION_MAX + 0.2)), false);
  });

  it('cameras in their places are never called swapped and swapped ones always are, whatever is on the shelf', () => {
    let least = Number.POSITIVE_INFINITY;
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const [taught, today] = [randomScene(random), randomScene(random)];
      const references: ReferenceEdges = new Map([
        ['0', edgesOf(look(taught, 0))],
        ['1', edgesOf(look(taught, 1))],
      ]);
      for (const [camera, other] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const edges = edgesOf(look(today, camera));
        assert.equal(seenInstead(edges, String(camera), references), undefined);
        assert.equal(seenInstead(edges, String(other), references), String(camera));
        least = Math.min(
          least,
          likeness(edges, references.get(String(camera))!) - likeness(edges, references.get(String(other))!),
        );
      }
    }
    assert.ok(least > SWAPPED_MARGIN * 1.5, `the margin is down to ${least}`);
  });

  it('a view is another’s only where it resembles that one clearly more than its own', () => {
    const scene = randomScene(random);
    const [own, other] = [edgesOf(look(scene, 0)), edgesOf(look(scene, 1))];
    const references: ReferenceEdges = new Map([
      ['0', own],
      ['1', other],
    ]);
    // From wholly its own view to wholly the other's: called swapped exactly beyond the margin.
    const answers = Array.from({ length: 21 }, (_, step) => {
      const mixed = own.map((value, at) => (value * (20 - step) + other[at]! * step) / 20);
      const more = likeness(mixed, other) - likeness(mixed, own);
      assert.equal(seenInstead(mixed, '0', references), more > SWAPPED_MARGIN ? '1' : undefined);
      return more > SWAPPED_MARGIN;
    });
    assert.deepEqual([answers.at(0), answers.at(-1)], [false, true]);
    assert.equal(seenInstead(other, '0', new Map([['0', own]])), undefined);
    assert.equal(seenInstead(other, '0', new Map([['1', other]])), undefined);
  });

  it('brightness and contrast do not change what a view is like, and a flat picture is like none', () => {
    const shelf = look(randomScene(random), 0);
    const dim = { ...shelf, luma: shelf.luma.map((value) => Math.round(value * 0.5 + 20)) };
    assert.ok(likeness(edgesOf(shelf), edgesOf(dim)) > 0.98);
    const flat = edgesOf({ ...shelf, luma: new Uint8Array(CELLS) });
    assert.equal(likeness(edgesOf(shelf), flat), 0);
    assert.equal(likeness(flat, new Float32Array(0)), 0);
  });

  it('the mean of pictures keeps what stays', () => {
    const one = (value: number): Thumbnail => ({ width: 2, height: 1, luma: Uint8Array.of(100, value) });
    assert.deepEqual(meanThumbnail([one(0), one(90), one(30)]), { width: 2, height: 1, luma: Uint8Array.of(100, 40) });
  });
});
