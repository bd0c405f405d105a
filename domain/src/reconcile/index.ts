// Weight and cameras to the most probable basket.
export * from './basket.ts';
export { CANDIDATES_MAX } from './candidates.ts';
export type { ScaleReading, SeenRemoval } from './likelihood.ts';
export { CHARGE_PROBABILITY_MIN, type ReconcileInput, reconcile } from './reconcile.ts';
