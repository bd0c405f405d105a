// Holds decisions against the truth: sums that add up over jobs, and the shares that the tables print.
import type { BasketLine, Catalog } from '@tapcase/domain';
import type { Decision } from './contender.ts';

/** Equal bins of stated probability for the calibration error. */
const BINS = 20;
/** Of the normal distribution: 95 % lie within this many sigmas. */
const Z_95 = 1.96;

export interface Tally {
  visits: number;
  /** `best` is the truth, piece for piece. */
  exact: number;
  /** More of some product charged than was taken. */
  overcharged: number;
  undercharged: number;
  review: number;
  /** Pieces of `best`: named and taken, named, taken. */
  right: number;
  named: number;
  taken: number;
  overchargedMinor: number;
  underchargedMinor: number;
  /** By bin of stated probability; empty bins hold zeros. */
  readonly stated: { visits: number; probability: number; exact: number }[];
}

export function emptyTally(): Tally {
  const sums = { visits: 0, exact: 0, overcharged: 0, undercharged: 0, review: 0, right: 0, named: 0, taken: 0 };
  const stated = Array.from({ length: BINS }, () => ({ visits: 0, probability: 0, exact: 0 }));
  return { ...sums, overchargedMinor: 0, underchargedMinor: 0, stated };
}

export function addDecision(tally: Tally, decision: Decision, truth: readonly BasketLine[], catalog: Catalog): void {
  const wanted = countsOf(truth);
  const best = compare(countsOf(decision.best), wanted, catalog);
  const paid = compare(countsOf(decision.charged), wanted, catalog);
  const isExact = best.over === 0 && best.under === 0;
  tally.visits += 1;
  tally.exact += Number(isExact);
  tally.overcharged += Number(paid.over > 0);
  tally.undercharged += Number(paid.under > 0);
  tally.review += Number(decision.review);
  tally.right += best.right;
  tally.named += best.right + best.over;
  tally.taken += best.right + best.under;
  tally.overchargedMinor += paid.overMinor;
  tally.underchargedMinor += paid.underMinor;
  if (decision.probability === null) return;
  const bin = tally.stated[Math.min(BINS - 1, Math.floor(decision.probability * BINS))]!;
  bin.visits += 1;
  bin.probability += decision.probability;
  bin.exact += Number(isExact);
}

export function mergeTallies(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const { stated, ...counts } of tallies) {
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) sum[name] += counts[name];
    for (const [at, bin] of stated.entries()) {
      const into = sum.stated[at]!;
      into.visits += bin.visits;
      into.probability += bin.probability;
      into.exact += bin.exact;
    }
  }
  return sum;
}

export interface Shares {
  readonly visits: number;
  /** Shares from here on, 0..1. */
  readonly exact: number;
  readonly exactLow: number;
  readonly exactHigh: number;
  readonly overcharged: number;
  readonly undercharged: number;
  readonly review: number;
  /** Over pieces of `best`; 1 where nothing was taken and nothing named. */
  readonly f1: number;
  /** Expected calibration error; null where no probability was stated. */
  readonly calibrationError: number | null;
}

export function sharesOf(tally: Tally): Shares {
  const of = (count: number) => count / tally.visits;
  const [exactLow, exactHigh] = wilson(tally.exact, tally.visits);
  const pieces = tally.named + tally.taken;
  const stated = tally.stated.reduce((sum, { visits }) => sum + visits, 0);
  const off = tally.stated.reduce((sum, { probability, exact }) => sum + Math.abs(probability - exact), 0);
  return {
    visits: tally.visits,
    exact: of(tally.exact),
    exactLow,
    exactHigh,
    overcharged: of(tally.overcharged),
    undercharged: of(tally.undercharged),
    review: of(tally.review),
    f1: pieces === 0 ? 1 : (2 * tally.right) / pieces,
    calibrationError: stated === 0 ? null : off / stated,
  };
}

/** 95 % interval of a share (Wilson): honest near 0 and 1, where a shop wants to be. */
export function wilson(count: number, of: number): readonly [low: number, high: number] {
  const share = count / of;
  const square = Z_95 ** 2;
  const middle = (share + square / (2 * of)) / (1 + square / of);
  const half = (Z_95 / (1 + square / of)) * Math.sqrt((share * (1 - share)) / of + square / (4 * of ** 2));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

type Counts = ReadonlyMap<string, number>;

function countsOf(lines: readonly BasketLine[]): Counts {
  return new Map(lines.map(({ sku, count }) => [sku, count]));
}

function compare(named: Counts, taken: Counts, { products }: Catalog) {
  const sum = { right: 0, over: 0, under: 0, overMinor: 0, underMinor: 0 };
  for (const { sku, priceMinor } of products) {
    const [n, t] = [named.get(sku) ?? 0, taken.get(sku) ?? 0];
    sum.right += Math.min(n, t);
    sum.over += Math.max(0, n - t);
    sum.under += Math.max(0, t - n);
    sum.overMinor += Math.max(0, n - t) * priceMinor;
    sum.underMinor += Math.max(0, t - n) * priceMinor;
  }
  return sum;
}
