// Weight and cameras to the most probable basket, and what of it may be charged.
export * from './basket.ts';
export * from './evidence.ts';
export { CHARGE_PROBABILITY_MIN, type Charge, chargeable } from './policy.ts';
export { type ReconcileInput, reconcile } from './reconcile.ts';
export { GATE_SIGMAS } from './scale-model.ts';
