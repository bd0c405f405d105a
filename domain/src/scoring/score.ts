// How good the answers were where the truth is known: baskets, pieces, money against and for the customer, calibration.
import type { Catalog } from '../catalog/product.ts';
import type { BasketLine, Verdict } from '../reconcile/basket.ts';
import { type Rate, rateOf } from './rate.ts';
import { type Calibration, calibrationOf } from './reliability.ts';
import {
  addTally,
  addVisit,
  emptyTally,
  type MoneySums,
  type PieceSums,
  type ScoredVisit,
  type ScoreTally,
} from './tally.ts';

/** Over pieces: two colas named and one taken is one right, one named too many. null where there is nothing to divide by. */
export interface ItemScore extends Readonly<PieceSums> {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/**
 * Gross (`overchargedMinor`, `underchargedMinor`): each product by itself, what was charged above or below what was taken;
 * a mix-up of two products counts on both sides. Net: only what a visit's total was above or below the true total; a
 * mix-up of equal prices then costs nobody anything. Net is never more than gross.
 */
export type MoneyScore = Readonly<MoneySums>;

export interface ScoreResult {
  readonly visits: number;
  /** The most probable basket is what was taken, piece for piece. */
  readonly exactBaskets: Rate;
  /** What was charged is what was taken, piece for piece. */
  readonly exactCharges: Rate;
  /** More of any product charged than was taken, whatever else was forgotten. */
  readonly overcharged: Rate;
  /** Fewer of any product charged than were taken. A visit may be both. */
  readonly undercharged: Rate;
  /** Total above the true total. */
  readonly netOvercharged: Rate;
  /** `disputed`: a person has to look. */
  readonly review: Rate;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** No basket explains the evidence; these state no probability, so `calibration` leaves them out. */
  readonly unanswered: number;
  /** The search ended at its work limit. */
  readonly limited: number;
  /** Of the most probable basket: what publications call item accuracy. */
  readonly items: ItemScore;
  /** Of what was charged. */
  readonly chargedItems: ItemScore;
  /** By currency; nothing is added across currencies. */
  readonly money: Readonly<Record<string, MoneyScore>>;
  /** Of the most probable basket's probability, against that basket being exact. */
  readonly calibration: Calibration;
}

export interface Score {
  /**
   * `own` where the visit had a catalog of its own. Throws a TypeError for a SKU that the catalog does not know and a
   * RangeError for a probability outside 0..1: both are mistakes of the caller.
   */
  add(basket: ScoredVisit['basket'], truth: readonly BasketLine[], charged: readonly BasketLine[], own?: Catalog): void;
  result(): ScoreResult;
  /** The sums so far, as JSON carries them from one process to another. */
  tally(): ScoreTally;
}

/** Its memory does not grow with the visits. */
export function createScore(catalog?: Catalog): Score {
  const tally = emptyTally();
  return {
    add(basket, truth, charged, own = catalog) {
      if (own === undefined) throw new TypeError('a visit without a catalog has no prices');
      addVisit(tally, { basket, truth, charged, catalog: own });
    },
    result: () => resultOf(tally),
    tally: () => merged([tally]),
  };
}

/** One score of several, those of scenarios for instance; the order does not matter. */
export function mergeScores(tallies: readonly ScoreTally[]): ScoreResult {
  return resultOf(merged(tallies));
}

function merged(tallies: readonly ScoreTally[]): ScoreTally {
  const sum = emptyTally();
  for (const tally of tallies) addTally(sum, tally);
  return sum;
}

function resultOf({ counts, verdicts, items, chargedItems, money, reliability }: ScoreTally): ScoreResult {
  const { visits, unanswered, limited } = counts;
  const ofVisits = (count: number) => rateOf(count, visits);
  return {
    visits,
    exactBaskets: ofVisits(counts.exactBaskets),
    exactCharges: ofVisits(counts.exactCharges),
    overcharged: ofVisits(counts.overcharged),
    undercharged: ofVisits(counts.undercharged),
    netOvercharged: ofVisits(counts.netOvercharged),
    review: ofVisits(verdicts.disputed),
    verdicts: { ...verdicts },
    unanswered,
    limited,
    items: itemScore(items),
    chargedItems: itemScore(chargedItems),
    money: copied(money),
    calibration: calibrationOf(reliability),
  };
}

function itemScore(pieces: PieceSums): ItemScore {
  const { right, named, taken } = pieces;
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    ...pieces,
    precision: share(right, named),
    recall: share(right, taken),
    f1: share(2 * right, named + taken),
  };
}

/** A copy: a result that was read does not change with the next visit. */
function copied(money: Readonly<Record<string, MoneySums>>): Record<string, MoneyScore> {
  return Object.fromEntries(Object.entries(money).map(([currency, sums]) => [currency, { ...sums }]));
}
