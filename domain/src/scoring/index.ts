// How good baskets were where the truth is known.
export { type Rate, rateOf } from './rate.ts';
export { BIN_EDGES, type Calibration, LOG_LOSS_PROBABILITY_MIN, type ReliabilityBin } from './reliability.ts';
export { createScore, type ItemScore, type MoneyScore, mergeScores, type Score, type ScoreResult } from './score.ts';
export type { ScoredVisit, ScoreTally } from './tally.ts';
