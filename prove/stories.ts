// What the customers of the proof do, and what each visit must therefore cost.
import type { Catalog } from '@tapcase/domain';
import type { Random } from './random.ts';

/** What people do at Stripe's dashboard, and a cardholder at the bank. */
export const HANDS = ['refund', 'capture', 'cancel', 'detach', 'dispute'] as const;
export type Hand = (typeof HANDS)[number];

export interface Story {
  readonly number: number;
  readonly caseId: string;
  readonly card: string;
  readonly kind:
    | 'nothing'
    | 'take'
    | 'never-opened'
    | 'held-open'
    | 'no-cameras'
    | 'silent'
    /** Opened, and never shut: not the proof's, whose visits all end. */
    | 'left-open'
    | 'declined'
    | 'asks-bank'
    /** The cameras are blind, and the scale cannot tell a cola from a soda: nothing is charged, a person is asked. */
    | 'doubtful'
    /** The cameras saw one of two things go: that one is charged, a person is asked for the rest. */
    | 'half-seen';
  /** SKU to count. */
  readonly taken: Readonly<Record<string, number>>;
  readonly totalMinor: number;
  /** What somebody does with its money at Stripe’s dashboard meanwhile. */
  readonly hand?: Hand | undefined;
}

/** What the cameras saw of a story that they saw only half. */
export const HALF_SEEN = { water: 1 };

export const SMALL_HOLD_MINOR = 200;
export const HOLD_MINOR = 1_500;

/** Every fourth case reserves too little, so that the ladder has work. */
export function holdOf(caseNumber: number): number {
  return caseNumber % 4 === 0 ? SMALL_HOLD_MINOR : HOLD_MINOR;
}

/** Of the visits that take something, every so many meet a hand at Stripe's dashboard. */
const HAND_EVERY = 6;

export function writeStories(visits: number, caseIds: readonly string[], catalog: Catalog, random: Random): Story[] {
  let takes = 0;
  const nextHand = (): Hand | undefined => {
    takes += 1;
    return takes % HAND_EVERY === 2 ? HANDS[Math.floor(takes / HAND_EVERY) % HANDS.length] : undefined;
  };
  return Array.from({ length: visits }, (_, number) => {
    const caseId = caseIds[number % caseIds.length]!;
    // A case that falls silent takes nobody for half an hour, so it does so at its end.
    const isLast = number >= visits - caseIds.length;
    const kind = isLast && random.chance(0.2) ? 'silent' : kindOf(random);
    const taken = takenIn(kind, catalog, random);
    const hand = kind === 'take' ? nextHand() : undefined;
    return { number, caseId, kind, taken, card: cardOf(kind, random), totalMinor: priceOf(taken, catalog), hand };
  });
}

function kindOf(random: Random): Story['kind'] {
  const roll = random.next();
  if (roll < 0.55) return 'take';
  if (roll < 0.6) return 'nothing';
  if (roll < 0.64) return 'never-opened';
  if (roll < 0.7) return 'held-open';
  if (roll < 0.75) return 'no-cameras';
  if (roll < 0.83) return 'doubtful';
  if (roll < 0.95) return 'half-seen';
  return roll < 0.985 ? 'declined' : 'asks-bank';
}

function takenIn(kind: Story['kind'], catalog: Catalog, random: Random): Record<string, number> {
  if (kind === 'nothing' || kind === 'never-opened' || kind === 'declined' || kind === 'asks-bank') return {};
  // The scale alone tells these from everything else.
  if (kind === 'no-cameras') return { chips: 1 };
  if (kind === 'doubtful') return { cola: 1 };
  if (kind === 'half-seen') return { ...HALF_SEEN, cola: 1 };
  const taken: Record<string, number> = {};
  const kinds = random.chance(0.6) ? 1 : random.whole(2, 3);
  for (const { sku } of random.shuffled(catalog.products).slice(0, kinds)) taken[sku] = random.whole(1, 2);
  return taken;
}

function cardOf(kind: Story['kind'], random: Random): string {
  if (kind === 'declined') return random.pick(['decline-after-attach', 'insufficient-funds', 'lost']);
  if (kind === 'asks-bank') return 'authentication-required';
  return random.chance(0.25) ? random.pick(['declines-when-away', 'confirms-when-away']) : 'visa';
}

function priceOf(taken: Readonly<Record<string, number>>, { products }: Catalog): number {
  return products.reduce((sum, { sku, priceMinor }) => sum + priceMinor * (taken[sku] ?? 0), 0);
}

/** By its kind, or by what was done at the dashboard. */
export function nameOf({ kind, hand }: Story): string {
  return hand === undefined ? kind : `dashboard-${hand}`;
}

export function gramsOf(taken: Readonly<Record<string, number>>, { products }: Catalog): number {
  return products.reduce((sum, { sku, massGrams }) => sum + massGrams * (taken[sku] ?? 0), 0);
}

/** What a camera with no eye for anything else counted, as a vision report says it. */
export function countsOf(taken: Readonly<Record<string, number>>, { products }: Catalog) {
  const seen = products.flatMap(({ sku, labels }): [string, number][] => {
    const count = taken[sku] ?? 0;
    return count === 0 ? [] : [[labels[0]!, count]];
  });
  const none = seen.map(([label]) => [label, 0] as const);
  return { before: { 0: Object.fromEntries(seen) }, after: { 0: Object.fromEntries(none) }, partial: true };
}
