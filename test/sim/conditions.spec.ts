// Shelves that are hard to see: drawn by a seed, labelled by what is really visible, and never in the running shop.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { CONDITIONS, conditionedScene, withTrouble } from '../../sim/src/shelf/conditions.ts';
import { throughJpeg } from '../../sim/src/shelf/jpeg.ts';
import { seededRandom } from '../../sim/src/shelf/random.ts';
import { createRenderer, type Renderer } from '../../sim/src/shelf/renderer.ts';
import { randomPose, randomScene } from '../../sim/src/shelf/scene.ts';
import type { Picture, Scene } from '../../sim/src/shelf/types.ts';
import { heldOutSeed, isHeldOut } from '../../tools/held-out.ts';

const SEED = 41;

describe('hard conditions of the simulated shelf', () => {
  let renderer: Renderer;
  before(async () => {
    renderer = await createRenderer();
  });

  const drawn = (scene: Scene, seed = SEED) => renderer.renderLabelled(scene, 0, seededRandom(seed));
  const can = (pose: object, slot = 17) => ({ sku: 'cola', slot, pose: { ...randomPose(seededRandom(1)), ...pose } });

  it('the same seed draws the same shelf and the same picture, another one another', () => {
    for (const condition of CONDITIONS) {
      const picture = (seed: number) => {
        const random = seededRandom(seed);
        return hash(renderer.render(conditionedScene(condition, random), 1, random));
      };
      assert.equal(picture(SEED), picture(SEED), condition);
      assert.notEqual(picture(SEED), picture(SEED + 1), condition);
    }
  });

  it('every condition but the plain ones changes what a camera sees of the same goods', () => {
    const goods = randomScene(seededRandom(SEED));
    const plain = hash(renderer.render(goods, 0, seededRandom(SEED)));
    for (const condition of ['hand', 'light', 'blur', 'fog', 'moved-camera'] as const) {
      // Of a few draws one shows: an arm may reach in where this camera does not look.
      const seen = Array.from({ length: 5 }, (_, n) => withTrouble(goods, condition, seededRandom(n)));
      assert.ok(
        seen.some((scene) => hash(renderer.render(scene, 0, seededRandom(SEED))) !== plain),
        condition,
      );
    }
  });

  it('a piece alone is seen whole; behind another it is seen in part, and said so', () => {
    const alone = drawn({ items: [can({})], doorOpen: false, lamp: 1 }).pieces;
    assert.ok(alone[0]!.visible > 0.99, String(alone[0]!.visible));
    const behind = can({ depthUnits: -6, asideUnits: 0 });
    const front = { ...can({ depthUnits: 44, asideUnits: 12 }), sku: 'water' };
    const [hidden, whole] = drawn({ items: [behind, front], doorOpen: false, lamp: 1 }).pieces;
    assert.ok(hidden!.visible < 0.8 && whole!.visible > 0.99, `${hidden!.visible} ${whole!.visible}`);
  });

  it('a plain shelf is rendered as in the running shop', () => {
    const scene = conditionedScene('plain', seededRandom(SEED));
    assert.deepEqual(scene, randomScene(seededRandom(SEED)));
    assert.equal(hash(drawn(scene).picture), hash(renderer.render(scene, 0, seededRandom(SEED))));
  });

  it('the boxes move along with a camera that was pushed', () => {
    const goods = { items: [can({}, 18)], doorOpen: false, lamp: 1 };
    const [from, to] = [goods, { ...goods, lenses: [{ shiftXPx: 8, shiftYPx: -4 }, {}] as const }].map(
      (scene) => drawn(scene).pieces[0]!,
    );
    assert.ok(Math.abs((to!.cx - from!.cx) * 320 - 8) <= 1, `${from!.cx} to ${to!.cx}`);
    assert.ok(Math.abs((to!.cy - from!.cy) * 240 + 4) <= 1, `${from!.cy} to ${to!.cy}`);
  });

  it('an arm hides what is behind it', () => {
    const items = Array.from({ length: 36 }, (_, slot) => can({}, slot));
    const seen = (scene: Scene) => drawn(scene).pieces.reduce((sum, { visible }) => sum + visible, 0);
    const scene = { items, doorOpen: true, lamp: 1 };
    const [arm] = withTrouble(scene, 'hand', seededRandom(2)).arms!;
    assert.ok(seen({ ...scene, arms: [arm!] }) < seen(scene) - 0.5);
  });

  it('a fallen can lies wider than it is high', () => {
    const [stands, lies] = [0, Math.PI / 2].map((turnRadians) => {
      const scene = { items: [can({ turnRadians, lean: 0 })], doorOpen: false, lamp: 1 };
      return drawn(scene).pieces[0]!;
    });
    // Shares of a frame of 320 x 240.
    assert.ok(stands!.h * 240 > stands!.w * 320 && lies!.w * 320 > lies!.h * 240);
  });

  it('a JPEG of low quality keeps the size and loses detail', async () => {
    const { picture } = drawn(randomScene(seededRandom(SEED)));
    const { width, height, rgb } = await throughJpeg(picture, 15);
    assert.deepEqual([width, height, rgb.length], [320, 240, 320 * 240 * 3]);
    assert.notEqual(hash({ width, height, rgb }), hash(picture));
  });

  it('every condition has held-out scenes of its own, which training refuses', () => {
    const seeds = CONDITIONS.map(heldOutSeed);
    assert.equal(new Set(seeds).size, CONDITIONS.length);
    assert.ok(seeds.every(isHeldOut));
    assert.ok(!isHeldOut(Math.min(...seeds) - 1) && !isHeldOut(Math.max(...seeds) + 1));
  });
});

function hash({ rgb }: Picture): string {
  return createHash('sha256').update(rgb).digest('hex');
}
