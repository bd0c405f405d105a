// Weight and cameras to the most probable basket, and what of it may be charged.
export * from './basket.ts';
export { CASE_ID_CHARS_MAX, type CaseInput, type CaseRecord, parseCase } from './cases.ts';
export { WORK_MAX } from './effort.ts';
export * from './evidence.ts';
export { DEFAULT_MODEL, parseModel, type ReconcileModel } from './model.ts';
export {
  type Charge,
  chargeable,
  DEFAULT_THRESHOLDS,
  heldBack,
  parseThresholds,
  type Ruling,
  rulingOf,
  type Thresholds,
} from './policy.ts';
export { type ReconcileInput, reconcile } from './reconcile.ts';
export { GATE_SIGMAS } from './scale-model.ts';
export { MARGIN_NATS } from './search.ts';
