// Whether a stated 0.98 means right 98 times in 100: the reliability diagram and the figures that sum it up.
import { type Rate, rateOf } from './rate.ts';

/**
 * Lower edges of the bins; the last one ends at 1 and includes it. Fixed and not of equal mass, so that scores of
 * different runs add up exactly and memory stays flat; finer towards 1, because that is where most visits lie and where
 * the thresholds decide about money.
 */
export const BIN_EDGES: readonly number[] = [
  0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999,
];

/** A certain answer that is wrong would cost infinitely many nats; it costs ln 10^12 = 27.6 instead. */
export const LOG_LOSS_PROBABILITY_MIN = 1e-12;

export interface ReliabilityBin {
  /** [from, to), the last [from, 1]. */
  readonly from: number;
  readonly to: number;
  /** What was stated on average; null where no visit fell into the bin. */
  readonly statedMean: number | null;
  /** How often it was right. */
  readonly right: Rate;
}

export interface Calibration {
  readonly visits: number;
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error: |stated - right| of each bin, weighed by its visits. 0 is perfect; null without visits. */
  readonly expectedError: number | null;
  /** Mean of (stated - right)², right being 0 or 1. */
  readonly brier: number | null;
  /** Mean of -ln of the probability that was given to what came out, in nats. */
  readonly logLossNats: number | null;
}

/** Plain sums: they travel between processes and add up. */
export interface ReliabilityTally {
  readonly visits: number[];
  readonly right: number[];
  readonly stated: number[];
  squares: number;
  nats: number;
}

export function emptyReliability(): ReliabilityTally {
  const zeros = () => BIN_EDGES.map(() => 0);
  return { visits: zeros(), right: zeros(), stated: zeros(), squares: 0, nats: 0 };
}

export function addStated(tally: ReliabilityTally, probability: number, isRight: boolean): void {
  const bin = BIN_EDGES.findLastIndex((edge) => probability >= edge);
  if (!(probability <= 1) || bin < 0) throw new RangeError(`a probability of ${probability}`);
  tally.visits[bin]! += 1;
  tally.right[bin]! += isRight ? 1 : 0;
  tally.stated[bin]! += probability;
  tally.squares += (probability - (isRight ? 1 : 0)) ** 2;
  tally.nats -= Math.log(Math.max(LOG_LOSS_PROBABILITY_MIN, isRight ? probability : 1 - probability));
}

export function addReliability(sum: ReliabilityTally, more: ReliabilityTally): void {
  for (const column of ['visits', 'right', 'stated'] as const) {
    more[column].forEach((value, bin) => {
      sum[column][bin]! += value;
    });
  }
  sum.squares += more.squares;
  sum.nats += more.nats;
}

export function calibrationOf(tally: ReliabilityTally): Calibration {
  const visits = tally.visits.reduce((sum, n) => sum + n, 0);
  const mean = (total: number) => (visits === 0 ? null : total / visits);
  // n * |stated/n - right/n| is |stated - right| of the bin's sums.
  const gaps = tally.stated.reduce((sum, stated, bin) => sum + Math.abs(stated - tally.right[bin]!), 0);
  return {
    visits,
    bins: BIN_EDGES.map((from, bin) => {
      const inBin = tally.visits[bin]!;
      return {
        from,
        to: BIN_EDGES[bin + 1] ?? 1,
        statedMean: inBin === 0 ? null : tally.stated[bin]! / inBin,
        right: rateOf(tally.right[bin]!, inBin),
      };
    }),
    expectedError: mean(gaps),
    brier: mean(tally.squares),
    logLossNats: mean(tally.nats),
  };
}
