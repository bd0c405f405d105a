// Holds one visit's answer against what was taken, and keeps the sums: plain numbers that JSON carries and that add up.
import { type Catalog, productBySku } from '../catalog/product.ts';
import type { Basket, BasketLine, Verdict } from '../reconcile/basket.ts';
import { addReliability, addStated, emptyReliability, type ReliabilityTally } from './reliability.ts';

export interface ScoredVisit {
  readonly basket: Pick<Basket, 'verdict' | 'probability' | 'candidates' | 'work'>;
  readonly truth: readonly BasketLine[];
  readonly charged: readonly BasketLine[];
  readonly catalog: Catalog;
}

const COUNTED = [
  'visits',
  'exactBaskets',
  'exactCharges',
  'overcharged',
  'undercharged',
  'netOvercharged',
  'unanswered',
  'limited',
] as const;
const PIECES = ['right', 'named', 'taken'] as const;
const MINOR = [
  'chargedMinor',
  'truthMinor',
  'overchargedMinor',
  'underchargedMinor',
  'netOverchargedMinor',
  'netUnderchargedMinor',
] as const;

type Sums<Name extends string> = Record<Name, number>;
export type PieceSums = Sums<(typeof PIECES)[number]>;
/** Minor units of one currency. */
export type MoneySums = Sums<(typeof MINOR)[number]>;

export interface ScoreTally {
  readonly counts: Sums<(typeof COUNTED)[number]>;
  readonly verdicts: Sums<Verdict>;
  readonly items: PieceSums;
  readonly chargedItems: PieceSums;
  /** By currency. */
  readonly money: Record<string, MoneySums>;
  readonly reliability: ReliabilityTally;
}

export function emptyTally(): ScoreTally {
  return {
    counts: zeros(COUNTED),
    verdicts: { agreed: 0, weight_decided: 0, vision_decided: 0, disputed: 0 },
    items: zeros(PIECES),
    chargedItems: zeros(PIECES),
    money: {},
    reliability: emptyReliability(),
  };
}

export function addVisit(tally: ScoreTally, { basket, truth, charged, catalog }: ScoredVisit): void {
  const taken = countsOf(truth);
  const best = basket.candidates[0];
  const named = compare(countsOf(best?.lines ?? []), taken, catalog);
  const paid = compare(countsOf(charged), taken, catalog);
  // Without any explanation nothing was claimed: an empty basket is then no right answer, not even by luck.
  const isExact = best !== undefined && named.isExact;
  // First, because it alone can refuse: a visit counts in all the sums or in none.
  if (best !== undefined) addStated(tally.reliability, basket.probability, isExact);
  add(tally.counts, {
    visits: 1,
    exactBaskets: Number(isExact),
    exactCharges: Number(paid.isExact),
    overcharged: Number(paid.tooMany),
    undercharged: Number(paid.tooFew),
    netOvercharged: Number(paid.money.netOverchargedMinor > 0),
    unanswered: Number(best === undefined),
    limited: Number(basket.work.limited),
  });
  tally.verdicts[basket.verdict] += 1;
  add(tally.items, named.pieces);
  add(tally.chargedItems, paid.pieces);
  add(moneyOf(tally, catalog.currency), paid.money);
}

export function addTally(sum: ScoreTally, more: ScoreTally): void {
  add(sum.counts, more.counts);
  add(sum.verdicts, more.verdicts);
  add(sum.items, more.items);
  add(sum.chargedItems, more.chargedItems);
  for (const [currency, money] of Object.entries(more.money)) add(moneyOf(sum, currency), money);
  addReliability(sum.reliability, more.reliability);
}

interface Comparison {
  readonly isExact: boolean;
  readonly tooMany: boolean;
  readonly tooFew: boolean;
  readonly pieces: PieceSums;
  readonly money: MoneySums;
}

function compare(named: ReadonlyMap<string, number>, taken: ReadonlyMap<string, number>, catalog: Catalog): Comparison {
  const pieces = zeros(PIECES);
  const money = zeros(MINOR);
  for (const sku of new Set([...named.keys(), ...taken.keys()])) {
    const [has, had] = [named.get(sku) ?? 0, taken.get(sku) ?? 0];
    const priceMinor = priceOf(catalog, sku);
    add(pieces, { right: Math.min(has, had), named: has, taken: had });
    money.chargedMinor += has * priceMinor;
    money.truthMinor += had * priceMinor;
    money.overchargedMinor += Math.max(0, has - had) * priceMinor;
    money.underchargedMinor += Math.max(0, had - has) * priceMinor;
  }
  money.netOverchargedMinor = Math.max(0, money.chargedMinor - money.truthMinor);
  money.netUnderchargedMinor = Math.max(0, money.truthMinor - money.chargedMinor);
  const { right } = pieces;
  const [tooMany, tooFew] = [pieces.named > right, pieces.taken > right];
  return { isExact: !tooMany && !tooFew, tooMany, tooFew, pieces, money };
}

/** Lines as pieces by SKU, however they are ordered or split. */
function countsOf(lines: readonly BasketLine[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { sku, count } of lines) counts.set(sku, (counts.get(sku) ?? 0) + count);
  return counts;
}

function priceOf(catalog: Catalog, sku: string): number {
  const product = productBySku(catalog, sku);
  if (product === undefined) throw new TypeError(`${sku} is scored and not in the catalog`);
  return product.priceMinor;
}

function moneyOf(tally: ScoreTally, currency: string): MoneySums {
  tally.money[currency] ??= zeros(MINOR);
  return tally.money[currency];
}

function zeros<Name extends string>(names: readonly Name[]): Sums<Name> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Sums<Name>;
}

function add<Name extends string>(sums: Sums<Name>, more: Readonly<Sums<Name>>): void {
  for (const name of Object.keys(sums) as Name[]) sums[name] += more[name];
}
