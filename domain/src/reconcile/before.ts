// From the stock and the counts before a visit: which pieces were hidden, missed or mistaken for others even then.
import type { Effort } from './effort.ts';
import type { Look } from './looks.ts';
import type { ReconcileModel } from './model.ts';
import { type ChangeEffects, RareChanges, type Way } from './rare-changes.ts';
import type { FamilySighting } from './sightings.ts';

export interface BeforeShape {
  /** By kind. */
  readonly looks: readonly (readonly Look[])[];
  /** Odd looks, kind by kind, then boxes around nothing. */
  readonly effects: ChangeEffects;
}

/** One explanation of the counts before. */
export interface Table {
  readonly chance: number;
  /** By kind. */
  readonly pieces: readonly Pieces[];
}

export interface Pieces {
  readonly total: number;
  /** Named rightly by every camera. */
  readonly usual: number;
  /** Others, by the index of their look. */
  readonly odd: readonly { readonly look: number; readonly count: number }[];
}

const TABLES_MAX = 8;
/** Explanations less probable than the best by this factor are left out. */
const SHARE_MIN = 1e-2;

/**
 * The most probable explanations, chances summing to 1; null where a view was cut short and nothing is known. `isQuiet`:
 * nothing changed, so that where all is as told nobody needs to know more.
 */
export function tablesOf(
  sighting: FamilySighting,
  shape: BeforeShape,
  model: ReconcileModel,
  kinds: number,
  { isQuiet, effort }: { readonly isQuiet: boolean; readonly effort: Effort },
): readonly Table[] | null {
  if (!sighting.isCounted) return null;
  const ghostRate = model.camera.ghostRate / kinds;
  let most = 0;
  const tables: Table[] = [];
  for (const stocked of stocksOf(sighting, model)) {
    // No counts are more probable than certain: this cannot come near what is found.
    if (stocked.chance < most * SHARE_MIN) continue;
    for (const table of tablesFor(stocked, sighting.before.flat(), shape, ghostRate, { isQuiet, effort })) {
      most = Math.max(most, table.chance);
      tables.push(table);
    }
  }
  const kept = tables.filter(({ chance }) => chance > most * SHARE_MIN);
  const whole = kept.reduce((sum, { chance }) => sum + chance, 0);
  return kept.map((table) => ({ ...table, chance: table.chance / whole }));
}

function tablesFor(
  { stock, chance: prior }: Stocked,
  counted: readonly number[],
  { looks, effects }: BeforeShape,
  ghostRate: number,
  { isQuiet, effort }: { readonly isQuiet: boolean; readonly effort: Effort },
): Table[] {
  // As usual, every camera names every piece rightly.
  const missing = counted.map((count, entry) => count - stock[entry % stock.length]!);
  if (isQuiet && missing.every((count) => count === 0)) return [asTold(stock, prior)];
  const rates: number[] = [];
  for (let kind = 0; kind < looks.length; kind += 1) {
    const own = looks[kind]!;
    for (let look = 1; look < own.length; look += 1) rates.push((stock[kind]! * own[look]!.chance) / own[0]!.chance);
  }
  for (const _ of counted) rates.push(ghostRate);
  const ways = new RareChanges(effects, rates, effort).waysTo(missing, looks.length > 1 ? 1 : 0).slice(0, TABLES_MAX);
  return ways.flatMap((way) => tableOf(way, looks, stock, prior));
}

/** Every piece is named rightly. */
function asTold(stock: readonly number[], chance: number): Table {
  return { chance, pieces: stock.map((total) => ({ total, usual: total, odd: [] })) };
}

function tableOf(
  { times, weight }: Way,
  looks: readonly (readonly Look[])[],
  stock: readonly number[],
  prior: number,
): Table[] {
  let index = 0;
  const pieces = looks.map((own, kind): Pieces => {
    const odd: { look: number; count: number }[] = [];
    let usual = stock[kind]!;
    for (let look = 1; look < own.length; look += 1, index += 1) {
      const count = times.get(index) ?? 0;
      if (count > 0) odd.push({ look, count });
      usual -= count;
    }
    return { total: stock[kind]!, usual, odd };
  });
  return pieces.every(({ usual }) => usual >= 0) ? [{ chance: prior * weight, pieces }] : [];
}

interface Stocked {
  readonly stock: readonly number[];
  readonly chance: number;
}

/** How many there may have been: what the books say, or what the cameras show if the books are wrong or silent. */
function stocksOf({ stock, before }: FamilySighting, { basket }: ReconcileModel): Stocked[] {
  const seen = stock.map((_, kind) => Math.max(0, ...before.map((counts) => counts[kind]!)));
  const told = stock.map((count, kind) => count ?? seen[kind]!);
  const stocks: Stocked[] = [{ stock: told, chance: 1 }];
  stock.forEach((count, kind) => {
    const one = (n: number) => told.map((other, at) => (at === kind ? n : other));
    // One more that no camera saw is as probable as any number; its hiding is weighed with the rest.
    if (count === null) stocks.push({ stock: one(seen[kind]! + 1), chance: 1 });
    else if (count !== seen[kind]) stocks.push({ stock: one(seen[kind]!), chance: basket.stockWrongRate });
  });
  return stocks;
}
