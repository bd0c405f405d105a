// Weight and cameras to the most probable basket, and what of it may be charged.
export * from './basket.ts';
export * from './evidence.ts';
export * from './learn.ts';
export { DEFAULT_MODEL, parseModel, type ReconcileModel } from './model.ts';
export {
  CHARGE_PROBABILITY_MIN,
  type Charge,
  chargeable,
  DEFAULT_THRESHOLDS,
  parseThresholds,
  type Ruling,
  rulingOf,
  type Thresholds,
} from './policy.ts';
export { type ReconcileInput, reconcile } from './reconcile.ts';
export { GATE_SIGMAS } from './scale-model.ts';
export { MARGIN_NATS, WORK_MAX } from './search.ts';
