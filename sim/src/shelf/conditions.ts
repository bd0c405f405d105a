// What makes a shelf hard to see, each with the range in which it is drawn: for teaching and measuring the detector. The
// running shop has none of it: its scenes carry no arms, no bad light and no lens.
import { SLOT_PITCH } from './frame.ts';
import { BOARDS, PRODUCTS, SLOTS, SLOTS_PER_BOARD } from './products.ts';
import { between, type Random } from './random.ts';
import { randomPose, randomScene } from './scene.ts';
import type { Arm, BadLight, Lens, PlacedItem, Rgb, Scene } from './types.ts';

export const CONDITIONS = [
  'plain',
  'crowded',
  'occlusion',
  'fallen',
  'hand',
  'light',
  'blur',
  'fog',
  'moved-camera',
  'jpeg',
  'mixed',
] as const;
export type Condition = (typeof CONDITIONS)[number];

export function isCondition(name: string): name is Condition {
  return (CONDITIONS as readonly string[]).includes(name);
}

/** The goods and the trouble of one condition. */
export function conditionedScene(condition: Condition, random: Random): Scene {
  return withTrouble(goodsFor(condition, random), condition, random);
}

/** Goods as they stand in this condition, in good light before a clean lens. */
export function goodsFor(condition: Condition, random: Random): Scene {
  switch (condition) {
    case 'crowded':
      return crowded(random);
    case 'occlusion':
      return inTwoRows(random);
    case 'fallen':
      return fallen(random);
    case 'mixed':
      return goodsFor(oneOf(['plain', 'crowded', 'occlusion', 'fallen'] as const, random), random);
    default:
      return randomScene(random);
  }
}

/** The same goods with this condition's trouble drawn anew: as they may look at another moment. */
export function withTrouble(goods: Scene, condition: Condition, random: Random): Scene {
  switch (condition) {
    case 'plain':
    case 'crowded':
    case 'fallen':
      return goods;
    case 'occlusion':
      return random() < 0.3 ? { ...goods, arms: [randomArm(random)] } : goods;
    case 'hand':
      return { ...goods, arms: random() < 0.25 ? [randomArm(random), randomArm(random)] : [randomArm(random)] };
    case 'light':
      return { ...goods, light: badLight(random), lamp: random() < 0.5 ? between(random, 0.3, 0.72) : goods.lamp };
    case 'mixed':
      return mixed(goods, random);
    default:
      return { ...goods, lenses: [troubledLens(condition, random), troubledLens(condition, random)] };
  }
}

type LensCondition = 'blur' | 'fog' | 'moved-camera' | 'jpeg';

function troubledLens(condition: LensCondition, random: Random): Lens {
  switch (condition) {
    case 'blur':
      return blurred(random);
    case 'fog':
      return fogged(random);
    case 'moved-camera':
      return moved(random);
    case 'jpeg':
      return { jpegQuality: Math.round(between(random, 12, 60)) };
  }
}

/** Two or three troubles at once, each milder than alone would be rare; any goods. */
function mixed(goods: Scene, random: Random): Scene {
  const troubles = ['hand', 'light', 'blur', 'fog', 'moved-camera', 'jpeg'] as const;
  const count = 2 + Math.floor(random() * 2);
  const chosen = new Set<(typeof troubles)[number]>();
  while (chosen.size < count) chosen.add(oneOf(troubles, random));
  let scene = goods;
  for (const trouble of chosen) {
    const [left, right] = scene.lenses ?? [{}, {}];
    const next = withTrouble(scene, trouble, random);
    const [newLeft, newRight] = next.lenses ?? [{}, {}];
    scene =
      next.lenses === undefined
        ? next
        : {
            ...next,
            lenses: [
              { ...left, ...newLeft },
              { ...right, ...newRight },
            ],
          };
  }
  return scene;
}

/** No slot empty, nothing in its place, twice as far off the middle as people usually leave it. */
function crowded(random: Random): Scene {
  const { doorOpen, lamp } = randomScene(random);
  const items = Array.from({ length: SLOTS }, (_, slot): PlacedItem => {
    const pose = randomPose(random);
    return { sku: anySku(random), slot, pose: { ...pose, asideUnits: between(random, -9, 9) } };
  });
  return { items, doorOpen, lamp };
}

/** A second row in front of the first, up to half a slot aside: from a fifth of the pieces to half are partly hidden. */
function inTwoRows(random: Random): Scene {
  const scene = randomScene(random);
  const share = between(random, 0.1, 0.45);
  const items: PlacedItem[] = [];
  for (const item of scene.items) {
    if (random() >= share) {
      items.push(item);
      continue;
    }
    const edge = item.slot % SLOTS_PER_BOARD;
    // Towards a neighbour slot, never through a side wall.
    const side = edge === 0 ? 1 : edge === SLOTS_PER_BOARD - 1 ? -1 : random() < 0.5 ? -1 : 1;
    const behind = { ...item.pose, depthUnits: between(random, -12, -2) };
    const front = {
      ...randomPose(random),
      asideUnits: side * between(random, 0.1, 0.6) * SLOT_PITCH,
      depthUnits: between(random, 34, 46),
    };
    const sku = random() < 0.6 ? item.sku : anySku(random);
    items.push({ ...item, pose: behind }, { sku, slot: item.slot, pose: front });
  }
  return { ...scene, items };
}

/** One to four pieces lean far over or lie on their side, on the room of three slots. */
function fallen(random: Random): Scene {
  const scene = randomScene(random);
  let items = [...scene.items];
  const count = 1 + Math.floor(random() * 4);
  for (let n = 0; n < count; n++) {
    const board = Math.floor(random() * BOARDS);
    const lies = random() < 0.5;
    const column = Math.floor(random() * SLOTS_PER_BOARD);
    const right = lies ? column < SLOTS_PER_BOARD - 3 : random() < 0.5;
    const turnRadians =
      (right ? 1 : -1) * (lies ? Math.PI / 2 + between(random, -0.1, 0.1) : between(random, 0.15, 0.6));
    const room = (lies ? [0, 1, 2] : [0, 1]).map((step) => column + (right ? step : -step));
    const last = room.at(-1)!;
    if (last < 0 || last >= SLOTS_PER_BOARD) continue;
    const slots = room.map((at) => board * SLOTS_PER_BOARD + at);
    const sku = items.find(({ slot }) => slot === slots[0])?.sku ?? anySku(random);
    items = items.filter(({ slot }) => !slots.includes(slot));
    items.push({ sku, slot: slots[0]!, pose: { ...randomPose(random), turnRadians } });
  }
  return { ...scene, items };
}

/** In from the open door to somewhere before the goods. */
function randomArm(random: Random): Arm {
  const hand = { x: between(random, -270, 270), y: between(random, 20, 420), z: between(random, 60, 130) };
  const elbow = {
    x: hand.x + between(random, -160, 160),
    y: hand.y + between(random, -140, 60),
    z: hand.z + between(random, 200, 330),
  };
  const tone = between(random, 0.35, 1.05);
  const skin: Rgb = [228 * tone, 178 * tone, 148 * tone];
  const sleeve: Rgb = [between(random, 15, 235), between(random, 15, 235), between(random, 15, 235)];
  return { hand, elbow, skin, sleeve, cuff: between(random, 0.2, 1) };
}

/** One of three: a coloured light, one lamp of two dead, the sun through the door; dark pictures are noisier. */
function badLight(random: Random): BadLight {
  const kind = random();
  const cast = kind < 0.34 ? 0.25 : 0.08;
  return {
    cast: [
      between(random, 1 - cast, 1 + cast),
      between(random, 1 - cast / 2, 1 + cast / 2),
      between(random, 1 - cast, 1 + cast),
    ],
    deadLeaves: kind >= 0.34 && kind < 0.67 ? between(random, 0.25, 0.6) : 1,
    deadSide: random() < 0.5 ? 'left' : 'right',
    sun: kind >= 0.67 ? between(random, 0.3, 0.9) : 0,
    sunSide: random() < 0.5 ? 'left' : 'right',
    noise: between(random, 1, 2.2),
  };
}

function blurred(random: Random): Lens {
  if (random() < 0.5) return { defocusPx: between(random, 0.6, 2.2) };
  const [length, angle] = [between(random, 2, 7), between(random, 0, Math.PI)];
  return { motionXPx: length * Math.cos(angle), motionYPx: length * Math.sin(angle) };
}

function fogged(random: Random): Lens {
  const droplets = Array.from({ length: Math.floor(between(random, 0, 16)) }, () => ({
    x: between(random, 0, 320),
    y: between(random, 0, 240),
    radiusPx: between(random, 3, 10),
  }));
  return { fog: between(random, 0.15, 0.65), defocusPx: between(random, 0.2, 1.4), droplets };
}

function moved(random: Random): Lens {
  return {
    shiftXPx: between(random, -9, 9),
    shiftYPx: between(random, -9, 9),
    rollRadians: between(random, -0.045, 0.045),
  };
}

function anySku(random: Random): string {
  return oneOf(PRODUCTS, random).sku;
}

function oneOf<T>(choices: readonly T[], random: Random): T {
  return choices[Math.floor(random() * choices.length)]!;
}
