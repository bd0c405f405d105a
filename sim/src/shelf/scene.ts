// Shelves as customers leave them: how a piece is put down, and random scenes for teaching and for tests.
import { PLANOGRAM, PRODUCTS, SLOTS } from './products.ts';
import { between, type Random } from './random.ts';
import type { PlacedItem, Pose, Scene } from './types.ts';

/** Nobody puts a can down exactly in the middle. The limits keep every piece countable from both cameras. */
export function randomPose(random: Random): Pose {
  return {
    asideUnits: between(random, -4.5, 4.5),
    depthUnits: between(random, 0, 28),
    lean: between(random, -0.03, 0.03),
    size: between(random, 0.97, 1.03),
    shade: between(random, 0.9, 1.06),
  };
}

/** A shelf after some sales, or a wild one: any product anywhere, or runs of one product. */
export function randomScene(random: Random): Scene {
  const kind = random();
  const full = random();
  const skuAt = kind < 0.45 ? planogramSku : kind < 0.8 ? () => anySku(random) : runOfSkus(random);
  const items: PlacedItem[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    if (random() < full) items.push({ sku: skuAt(slot), slot, pose: randomPose(random) });
  }
  return { items, doorOpen: random() < 0.5, lamp: between(random, 0.72, 1.12) };
}

/** Pieces of each product; products that are not there are absent. */
export function countItems(items: readonly { readonly sku: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { sku } of items) counts.set(sku, (counts.get(sku) ?? 0) + 1);
  return counts;
}

function planogramSku(slot: number): string {
  return PLANOGRAM[slot]!;
}

function anySku(random: Random): string {
  return PRODUCTS[Math.floor(random() * PRODUCTS.length)]!.sku;
}

function runOfSkus(random: Random): () => string {
  let sku = anySku(random);
  return () => {
    if (random() < 0.25) sku = anySku(random);
    return sku;
  };
}
