// What two cameras count before and after a visit, piece by piece. The rules, which the oracle's likelihood inverts:
// 1. A piece is hidden from both cameras with its product's `hidden`, and stays so while nobody touches it.
// 2. Else each camera on its own misses it with `miss`, takes it for one of its look-alikes with `confused` (each as
//    likely), or names it right.
// 3. A piece that stays is `bumped` now and then and is drawn anew by 1 and 2; else each camera on its own judges it anew
//    by 2 with `flicker`, and otherwise makes of it what it made before.
// 4. A piece that was in a hand and is put back is drawn anew by 1 and 2.
// 5. False boxes: Poisson in the first look, each still there in the second with `falsePersists`, and as many new ones
//    as went; every label of the catalog is equally likely.
import type { CameraView } from '@tapcase/domain';
import { chance, pick, poisson, type Random } from './draw.ts';
import type { Piece, Plan } from './plan.ts';
import { CAMERAS, type Rates } from './standard-mix.ts';
import type { SkuRates, World } from './world.ts';

/** One camera's view of a piece: the SKU that it takes it for, or null. */
type Sighting = string | null;

/** Only cameras that looked both times; null where none did. */
export function look(pieces: readonly Piece[], plan: Plan, world: World, random: Random): CameraView[] | null {
  const labelOf = new Map(world.catalog.products.map(({ sku, labels }) => [sku, labels[0] ?? sku]));
  const labels = [...new Set(labelOf.values())];
  const { rates } = world.mix;
  const tallies = CAMERAS.map((camera) => ({
    camera,
    before: new Map<string, number>(),
    after: new Map<string, number>(),
  }));
  for (const piece of pieces) {
    const sights = sightingsOf(piece, plan, world, random);
    for (const [at, { before, after }] of tallies.entries()) {
      const [early, late] = sights[at]!;
      if (early !== null) count(before, labelOf.get(early)!);
      if (late !== null) count(after, labelOf.get(late)!);
    }
  }
  for (const { before, after } of tallies) {
    addFalseBoxes(before, after, labels, rates, random);
    if (plan.scale.foreign !== null && chance(random, rates.foreignSeen)) count(after, pick(random, labels));
  }
  const working = tallies.filter(({ camera }) => plan.cameras[camera] !== 'dead');
  if (working.length === 0) return null;
  return working.map(({ camera, before, after }) => ({
    camera,
    before: written(world.labels, before),
    after: written(world.labels, after),
  }));
}

/** For each camera what it makes of one piece before and after. */
function sightingsOf(piece: Piece, plan: Plan, { skus, alike, mix }: World, random: Random): [Sighting, Sighting][] {
  const { rates } = mix;
  const known = skus[piece.sku]!;
  const own = plan.stacked.has(piece.sku) ? { ...known, hidden: rates.stackedHidden } : known;
  const isHidden = chance(random, own.hidden);
  const isAnew = chance(random, rates.bumped) || piece.handled;
  const isHiddenAfter = isAnew ? chance(random, own.hidden) : isHidden;
  return CAMERAS.map((camera) => {
    const isFogged = plan.cameras[camera] === 'fogged';
    const seen = isFogged ? { ...own, miss: Math.max(own.miss, rates.foggedMiss) } : own;
    const draw = () => drawSighting(piece.sku, seen, alike[piece.sku] ?? [], random);
    const first = draw();
    const flickers = chance(random, isFogged ? rates.foggedFlicker : rates.flicker);
    const second = isAnew || flickers ? draw() : first;
    return [piece.from === null || isHidden ? null : first, piece.to === null || isHiddenAfter ? null : second];
  });
}

function drawSighting(sku: string, { miss, confused }: SkuRates, alike: readonly string[], random: Random): Sighting {
  if (chance(random, miss)) return null;
  return alike.length > 0 && chance(random, confused) ? pick(random, alike) : sku;
}

function addFalseBoxes(
  before: Map<string, number>,
  after: Map<string, number>,
  labels: readonly string[],
  { falseBoxes, falsePersists }: Rates,
  random: Random,
): void {
  const old = poisson(random, falseBoxes);
  for (let box = 0; box < old; box += 1) {
    const label = pick(random, labels);
    count(before, label);
    if (chance(random, falsePersists)) count(after, label);
  }
  const fresh = poisson(random, falseBoxes * (1 - falsePersists));
  for (let box = 0; box < fresh; box += 1) count(after, pick(random, labels));
}

function count(counts: Map<string, number>, label: string): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}

function written(labels: readonly string[], counts: ReadonlyMap<string, number>): Record<string, number> {
  const record: Record<string, number> = {};
  for (const label of labels) if (counts.has(label)) record[label] = counts.get(label)!;
  return record;
}
