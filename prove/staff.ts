// The staff of the proof: they decide every review that opens, some of them wrongly, on the shop's own tab, and press again
// until the decision is written down, whatever was killed in between.
import type { Catalog, Review, Visit } from '@tapcase/domain';
import type { Ledger } from '../ledger/src/port.ts';
import type { Random } from './random.ts';

/** How a review was decided; `up` and `down` are against the basket that was charged. */
export type StaffDecision = 'confirm' | 'up' | 'down' | 'same' | 'waive' | 'waive-back';

/** What the review form hands to the tab `87 Reviews`. */
export interface ReviewForm {
  readonly topic: 'confirm' | 'correct' | 'waive';
  readonly payload: Readonly<Record<string, string | number | boolean>>;
}

export interface Staff {
  /** Reviews that were seen open. */
  readonly seen: ReadonlyMap<string, ReviewForm>;
  /** Hands the forms of all open reviews in once more. */
  press(): Promise<void>;
}

/** More than are ever open at a time. */
const OPEN_MAX = 1_000;

/** `ledger`: the one that is in use. */
export function hireStaff(
  ledger: () => Ledger,
  catalog: Catalog,
  random: Random,
  hand: (form: ReviewForm) => void,
): Staff {
  const seen = new Map<string, ReviewForm>();
  return {
    seen,
    press: async () => {
      for (const { visit } of await ledger().openReviews({ limit: OPEN_MAX })) {
        if (!seen.has(visit.id)) seen.set(visit.id, formFor(visit, catalog, random, FIRST_ROLLS[seen.size]));
        const pressed = { ...seen.get(visit.id)!, _client: SIGNED_IN };
        hand(pressed);
      }
    },
  };
}

/** As the host writes it onto what a browser sends. */
const SIGNED_IN = { staff: { id: 'proof', name: 'Olga', role: 'owner' } };

/** Two reviews are decided in two ways, in a proof with no more than that: corrected, waived. */
const FIRST_ROLLS = [0.5, 0.2] as const;

function formFor(
  { id, basket }: Visit,
  { products }: Catalog,
  random: Random,
  roll: number = random.next(),
): ReviewForm {
  const payload = { visit: id, note: 'seen on the pictures' };
  if (roll < 0.15) return { topic: 'confirm', payload };
  if (roll < 0.35) return { topic: 'waive', payload: { ...payload, back: random.chance(0.5) } };
  const charged = new Map(basket?.lines.map(({ sku, count }) => [sku, count]));
  // Half of them less than was charged, where something was, half of them more.
  const isLess = charged.size > 0 && random.chance(0.5);
  const counts = products.map(({ sku }): [string, number] => {
    const count = charged.get(sku) ?? 0;
    return [`sku ${sku}`, isLess ? random.whole(0, Math.max(0, count - 1)) : count + (random.chance(0.3) ? 1 : 0)];
  });
  return { topic: 'correct', payload: { ...payload, ...Object.fromEntries(counts) } };
}

export function decisionOf(
  { decision, raisedMinor, totalMinor }: Review,
  visit: Visit,
  givenMinor: number,
): StaffDecision {
  switch (decision) {
    case 'correct':
      return raisedMinor > 0 ? 'up' : (totalMinor ?? 0) < visit.totalMinor ? 'down' : 'same';
    case 'waive':
      return givenMinor > 0 ? 'waive-back' : 'waive';
    default:
      return 'confirm';
  }
}
