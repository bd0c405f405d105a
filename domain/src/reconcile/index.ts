// Weight and cameras to the most probable basket, and what of it may be charged.
export * from './basket.ts';
export { CASE_ID_CHARS_MAX, type CaseInput, type CaseRecord, parseCase } from './cases.ts';
export { WORK_MAX } from './effort.ts';
export * from './evidence.ts';
export * from './learn.ts';
export * from './learn-case.ts';
export * from './learn-notices.ts';
export { SIGMA_VISITS_MIN } from './learn-sigma.ts';
export { DEFAULT_MODEL, parseModel, type ReconcileModel } from './model.ts';
export {
  type Charge,
  chargeable,
  DEFAULT_THRESHOLDS,
  parseThresholds,
  type Ruling,
  rulingOf,
  type Thresholds,
} from './policy.ts';
export { type Rate, rateOf } from './rate.ts';
export { type ReconcileInput, reconcile } from './reconcile.ts';
export { BIN_EDGES, type Calibration, LOG_LOSS_PROBABILITY_MIN, type ReliabilityBin } from './reliability.ts';
export { GATE_SIGMAS } from './scale-model.ts';
export { createScore, type ItemScore, type MoneyScore, mergeScores, type Score, type ScoreResult } from './score.ts';
export type { ScoredVisit, ScoreTally } from './score-tally.ts';
export { MARGIN_NATS } from './search.ts';
