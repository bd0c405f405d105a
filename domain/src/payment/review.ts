// What a person's decision about a doubtful basket does to its money: more is owed, less is, or nothing changes. Pure.
import type { Catalog } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import type { PriceAdjustment } from '../hooks/adjustment.ts';
import { priced } from '../hooks/cost.ts';
import type { BasketLine } from '../reconcile/basket.ts';

/**
 * - `confirm`: what was charged is what was taken.
 * - `correct`: something else was taken; the visit costs that.
 * - `waive`: nobody can tell, and nothing more is asked.
 */
export type ReviewDecision = 'confirm' | 'correct' | 'waive';

/** Why a person was asked. */
export type ReviewCause =
  /** No basket was probable enough. */
  | 'disputed'
  /** The shop's policy wants a person to look. */
  | 'asked'
  /** Somebody was in, and nothing was ever weighed. */
  | 'not_weighed'
  /** A door report came after the basket was decided. */
  | 'late_report'
  /** More was received than the basket cost. */
  | 'paid_too_much';

export interface Review {
  readonly visitId: string;
  readonly caseId: string;
  readonly cause: ReviewCause;
  readonly state: 'open' | 'decided';
  readonly openedAtMs: number;
  readonly decision: ReviewDecision | null;
  /** What was taken, as the person says; null while open, and where nobody can tell (`waive`). */
  readonly lines: readonly BasketLine[] | null;
  /** What the visit costs by `lines`; null like them. */
  readonly totalMinor: number | null;
  /** By how much the decision raised what the basket cost. */
  readonly raisedMinor: number;
  readonly decidedBy: string | null;
  readonly note: string | null;
  readonly decidedAtMs: number | null;
}

/** More pieces than any case holds; as many as a stored case's `truth` may name. */
export const REVIEW_COUNT_MAX = 999;
/** More lines than any basket has. */
export const REVIEW_LINES_MAX = 200;

/** What the visit costs now, which is never less than its basket: less is asked by forgiving and giving back. */
export function dueMinor(visit: { readonly totalMinor: number }, review: Pick<Review, 'raisedMinor'> | null): number {
  return visit.totalMinor + (review?.raisedMinor ?? 0);
}

/**
 * The corrected lines in the catalog's order with equal products added up, and their price less what came off the visit. `review.unknown-sku` for
 * what the visit's frozen catalog does not have, `review.bad-lines` for a count or a sum that cannot be.
 */
export function correctedBasket(
  lines: readonly BasketLine[],
  catalog: Catalog,
  adjustments: readonly PriceAdjustment[] = [],
): { readonly lines: readonly BasketLine[]; readonly totalMinor: number } | Fault {
  if (lines.length > REVIEW_LINES_MAX) return badLines(`at most ${REVIEW_LINES_MAX} lines`);
  const counts = new Map<string, number>();
  for (const { sku, count } of lines) {
    const sum = (counts.get(sku) ?? 0) + count;
    if (!Number.isSafeInteger(count) || count < 0 || sum > REVIEW_COUNT_MAX) {
      return badLines(`a count is a whole number from 0 to ${REVIEW_COUNT_MAX}`);
    }
    counts.set(sku, sum);
  }
  const known = new Set(catalog.products.map(({ sku }) => sku));
  const unknown = [...counts.keys()].find((sku) => !known.has(sku));
  if (unknown !== undefined) {
    return new Fault('review.unknown-sku', 'the visit’s catalog has no such product', { sku: unknown.slice(0, 40) });
  }
  const kept = catalog.products.flatMap(({ sku }) => {
    const count = counts.get(sku) ?? 0;
    return count > 0 ? [{ sku, count }] : [];
  });
  const price = priced(kept, catalog, adjustments);
  return price instanceof Fault
    ? badLines('such a basket is dearer than one charge can be')
    : { lines: kept, totalMinor: price.totalMinor };
}

function badLines(message: string): Fault {
  return new Fault('review.bad-lines', message);
}

/** A visit's money at the moment of the decision. */
export interface ReviewedMoney {
  /** The basket as it was decided. */
  readonly basketMinor: number;
  readonly receivedMinor: number;
  /** Given back, or being given back. */
  readonly givenMinor: number;
  /** Let go of a debt. */
  readonly waivedMinor: number;
  /** Still asked for. */
  readonly owedMinor: number;
}

export interface ReviewPlan {
  /** The visit costs this much more than its basket. */
  readonly raiseMinor: number;
  /** What is owed afterwards: the raise, and what was owed before and is not forgiven. */
  readonly owedMinor: number;
  /** Let go of what was owed. */
  readonly forgiveMinor: number;
  readonly refundMinor: number;
}

/** The visit is to cost `costsMinor`. Money that staff gave back or let go before stays given. */
export function planCorrection(money: ReviewedMoney, costsMinor: number): ReviewPlan {
  const { basketMinor, receivedMinor, givenMinor, waivedMinor } = money;
  if (costsMinor <= basketMinor) return lowered(money, costsMinor);
  return {
    raiseMinor: costsMinor - basketMinor,
    owedMinor: Math.max(0, costsMinor - receivedMinor - waivedMinor),
    forgiveMinor: 0,
    // Taken at Stripe's dashboard, or in a life that this ledger has forgotten.
    refundMinor: Math.max(0, receivedMinor - givenMinor - costsMinor),
  };
}

/**
 * Nothing more is asked; what was received goes back where staff say so, and in any case what is above the basket: somebody took it
 * at Stripe's dashboard beside us. Where there is no basket nobody knows what is too much.
 */
export function planWaiver(money: ReviewedMoney, givesBack: boolean): ReviewPlan {
  const { basketMinor, receivedMinor, givenMinor } = money;
  const leftMinor = receivedMinor - givenMinor;
  const keptMinor = basketMinor > 0 ? Math.min(leftMinor, basketMinor) : leftMinor;
  return lowered(money, givesBack ? 0 : keptMinor);
}

function lowered({ receivedMinor, givenMinor, owedMinor }: ReviewedMoney, costsMinor: number): ReviewPlan {
  const tooMuchMinor = Math.max(0, receivedMinor - givenMinor + owedMinor - costsMinor);
  const forgiveMinor = Math.min(owedMinor, tooMuchMinor);
  return {
    raiseMinor: 0,
    owedMinor: owedMinor - forgiveMinor,
    forgiveMinor,
    refundMinor: tooMuchMinor - forgiveMinor,
  };
}
