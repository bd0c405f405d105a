// From the stock and the counts before a visit: which pieces were hidden, missed or mistaken for others even then.
import { type Look, one } from './looks.ts';
import type { ReconcileModel } from './model.ts';
import { type Change, RareChanges } from './rare-changes.ts';
import type { FamilySighting } from './sightings.ts';

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

const TABLES_MAX = 6;
/** Explanations less probable than the best by this factor are left out. */
const SHARE_MIN = 1e-3;

/** The most probable explanations, chances summing to 1; null where a view was cut short and nothing is known. */
export function tablesOf(
  sighting: FamilySighting,
  looks: readonly (readonly Look[])[],
  model: ReconcileModel,
  kinds: number,
): readonly Table[] | null {
  if (!sighting.isCounted) return null;
  const counted = sighting.before.flat();
  const odd = looks.flatMap((own, kind) => own.slice(1).map((look, at) => ({ kind, look: at + 1, ...look })));
  const ghostRate = model.camera.ghostRate / kinds;
  const tables = stocksOf(sighting, model).flatMap(({ stock, chance: prior }): Table[] => {
    const missing = counted.map((count, entry) =>
      looks.reduce((rest, [usual], kind) => rest - usual!.seen[entry]! * stock[kind]!, count),
    );
    const changes = [
      ...odd.map(({ kind, chance, seen }): Change => {
        const [usual] = looks[kind]!;
        const rate = (stock[kind]! * chance) / usual!.chance;
        return { effect: seen.map((value, entry) => value - usual!.seen[entry]!), rate };
      }),
      ...counted.map((_, entry) => ({ effect: one(counted.length, entry), rate: ghostRate })),
    ];
    const ways = new RareChanges(changes, counted.length).waysTo(missing).slice(0, TABLES_MAX);
    return ways.flatMap(({ times, weight }): Table[] => {
      const pieces = looks.map((_, kind): Pieces => {
        const own = odd.flatMap((one, at) =>
          one.kind === kind && times.has(at) ? [{ look: one.look, count: times.get(at)! }] : [],
        );
        const total = stock[kind]!;
        return { total, usual: own.reduce((rest, { count }) => rest - count, total), odd: own };
      });
      return pieces.every(({ usual }) => usual >= 0) ? [{ chance: prior * weight, pieces }] : [];
    });
  });
  const most = tables.reduce((max, { chance }) => Math.max(max, chance), 0);
  const kept = tables.filter(({ chance }) => chance > most * SHARE_MIN);
  const whole = kept.reduce((sum, { chance }) => sum + chance, 0);
  return kept.map((table) => ({ ...table, chance: table.chance / whole }));
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
