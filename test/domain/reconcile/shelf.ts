// A shelf of the demo shop's products as two cameras and a scale report it, for tests of what was taken.
import type { CameraView, ReconcileInput, ScaleReading } from '@tapcase/domain';
import { DEMO, massOf } from '../demo-catalog.ts';

export type Pieces = Readonly<Record<string, number>>;

export const STOCK: Pieces = { cola: 3, soda: 3, water: 2, chips: 4, juice: 3, candy: 4 };
/** What the controller states: the noise of one second. */
export const SIGMA_GRAMS = 2.1;

export function weighed(removedGrams: number, sigmaGrams = SIGMA_GRAMS): ScaleReading {
  return { removedGrams, sigmaGrams };
}

export function minus(stock: Pieces, gone: Pieces): Record<string, number> {
  return Object.fromEntries(Object.entries(stock).map(([sku, count]) => [sku, count - (gone[sku] ?? 0)]));
}

/** Every camera sees everything that is there, and `gone` by camera is missing afterwards; one object: by both. */
export function views(gone: Pieces | readonly [Pieces, Pieces], stock: Pieces = STOCK): CameraView[] {
  const [left, right] = Array.isArray(gone) ? (gone as readonly [Pieces, Pieces]) : [gone as Pieces, gone as Pieces];
  return [
    { camera: '0', before: stock, after: minus(stock, left) },
    { camera: '1', before: stock, after: minus(stock, right) },
  ];
}

/** A visit in which scale and both cameras report exactly `taken`. */
export function clean(taken: Pieces): ReconcileInput {
  return { catalog: DEMO, scale: weighed(massOf(taken)), zones: [], cameras: views(taken), stock: STOCK };
}
