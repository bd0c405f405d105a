// How likely the cameras' counts of one family are after so many of each kind were taken. Piece by piece: a piece stands
// hidden behind others, or each camera sees it, misses it, or takes it for a look-alike; what it saw before it loses
// when the piece goes. Pieces that stay change rarely. Conditioned on the counts before, which are the same for any basket.
import { FAINT_FACTOR, type ReconcileModel } from './model.ts';
import { type Change, chanceOf, type Difference, mergeChanges, waysTo } from './rare-changes.ts';
import type { Camera, FamilySighting, KindRates } from './sightings.ts';

/** What the cameras made of one piece, and how often relative to every camera naming it rightly. */
interface Look {
  readonly kind: number;
  readonly chance: number;
  /** What is counted, by camera and kind. */
  readonly seen: Difference;
}

/** One way in which the counts before came about: how many pieces of which kind were looked at how. */
interface Table {
  readonly weight: number;
  /** Pieces by look, for each kind; null where the stock is not known and every piece is drawn afresh. */
  readonly pieces: readonly (readonly number[])[] | null;
}

/** Pieces that stay, where nobody knows how many: what a partial view is judged by. */
const USUAL_PIECES = 3;
const TABLES_MAX = 6;
/** At most so many pieces of a kind are drawn otherwise than as usual. */
const ODD_DRAWS_MAX = 3;

export interface FamilyRates {
  readonly cameras: readonly Camera[];
  readonly model: ReconcileModel['camera'];
  /** Visible kinds of the catalog: false boxes are spread over them. */
  readonly kinds: number;
  readonly stockWrongRate: number;
}

export class FamilyLikelihood {
  private readonly looks: readonly (readonly Look[])[];
  private readonly tables: readonly Table[];
  private readonly afresh: readonly Table[];
  private readonly changes: readonly Change[];
  private readonly sighting: FamilySighting;
  private readonly rates: FamilyRates;
  private readonly chances = new Map<string, number>();
  private readonly costs = new Map<string, number>();
  private readonly difference: Difference;

  constructor(sighting: FamilySighting, rates: FamilyRates) {
    this.sighting = sighting;
    this.rates = rates;
    const size = sighting.stock.length;
    this.looks = Array.from({ length: size }, (_, kind) => looksOf(kind, sighting.rates, rates));
    this.changes = mergeChanges(changesOf(sighting, rates));
    this.difference = flat(sighting.after).map((count, entry) => count - flat(sighting.before)[entry]!);
    this.afresh = [{ weight: 1, pieces: null }];
    this.tables = this.knownTables();
  }

  /** True where the counts before and after are as if nothing had gone. */
  get isQuiet(): boolean {
    return this.difference.every((entry) => entry === 0);
  }

  /** What the cameras saw go, by kind: the most that any of them says. */
  seenGoing(): number[] {
    const size = this.sighting.stock.length;
    return Array.from({ length: size }, (_, kind) => {
      const gone = this.rates.cameras.map((_, camera) => -this.difference[camera * size + kind]!);
      return gone.reduce((most, count) => (Math.abs(count) > Math.abs(most) ? count : most), 0);
    });
  }

  /** Nats (minus the log of the likelihood) for `taken` pieces of each kind; below zero: put in. */
  cost(taken: readonly number[]): number {
    const key = taken.join();
    let cost = this.costs.get(key);
    if (cost === undefined) {
      const { stockWrongRate } = this.rates;
      const known = this.tables === this.afresh ? 0 : this.chance(this.tables, taken);
      const wrong = this.chance(this.afresh, taken);
      const share = this.tables === this.afresh ? 1 : stockWrongRate;
      cost = -Math.log((1 - share) * known + share * wrong);
      this.costs.set(key, cost);
    }
    return cost;
  }

  private chance(tables: readonly Table[], taken: readonly number[]): number {
    let sum = 0;
    for (const { weight, pieces } of tables) {
      this.draws(pieces, taken, 0, weight, [...this.difference], (chance, difference) => {
        sum += chance * this.changeChance(difference);
      });
    }
    return sum;
  }

  /** Every way to draw the taken pieces from a table's, kind by kind; what they showed is missing afterwards. */
  private draws(
    pieces: Table['pieces'],
    taken: readonly number[],
    kind: number,
    chance: number,
    difference: number[],
    found: (chance: number, difference: Difference) => void,
  ): void {
    if (kind === taken.length) return found(chance, difference);
    const count = taken[kind]!;
    if (count === 0) return this.draws(pieces, taken, kind + 1, chance, difference, found);
    const looks = this.looks[kind]!;
    // What is brought in from outside was never among the pieces there.
    const there = count < 0 ? null : (pieces?.[kind] ?? null);
    const total = there === null ? 0 : there.reduce((sum, n) => sum + n, 0);
    if (there !== null && count > total) return;
    const sign = Math.sign(count);
    const drawn = looks.map(() => 0);
    const close = (rest: number): void => {
      if (there !== null && rest > there[0]!) return;
      drawn[0] = rest;
      const way = there === null ? multinomial(drawn, looks) : hypergeometric(drawn, there, total);
      add(difference, looks, drawn, sign);
      this.draws(pieces, taken, kind + 1, chance * way, difference, found);
      add(difference, looks, drawn, -sign);
      drawn[0] = 0;
    };
    const walk = (look: number, rest: number, odd: number): void => {
      if (look === looks.length) return close(rest);
      const most = Math.min(rest, ODD_DRAWS_MAX - (there === null ? odd : 0), there?.[look] ?? ODD_DRAWS_MAX);
      for (let n = 0; n <= most; n += 1) {
        drawn[look] = n;
        walk(look + 1, rest - n, odd + n);
      }
      drawn[look] = 0;
    };
    walk(1, Math.abs(count), 0);
  }

  private changeChance(difference: Difference): number {
    const key = difference.join();
    let chance = this.chances.get(key);
    if (chance === undefined) {
      chance = chanceOf(this.changes, difference);
      this.chances.set(key, chance);
    }
    return chance;
  }

  /** From stock and counts before: which pieces were hidden, missed or mistaken. */
  private knownTables(): readonly Table[] {
    const { stock, before, isCounted } = this.sighting;
    if (!isCounted || stock.includes(null)) return this.afresh;
    const odd = this.looks.flatMap((looks) => looks.slice(1));
    const usual = this.looks.map((looks) => looks[0]!);
    const missing = flat(before).map(
      (count, entry) => count - usual.reduce((sum, { seen }, kind) => sum + seen[entry]! * stock[kind]!, 0),
    );
    const entries = missing.length;
    const changes: Change[] = odd.map(({ kind, chance, seen }) => ({
      effect: seen.map((value, entry) => value - usual[kind]!.seen[entry]!),
      rate: (Math.max(1, stock[kind]!) * chance) / usual[kind]!.chance,
    }));
    const falseRate = this.rates.model.falseRate / this.rates.kinds;
    for (let entry = 0; entry < entries; entry += 1) changes.push({ effect: unit(entries, entry), rate: falseRate });
    const tables = waysTo(changes, missing)
      .slice(0, TABLES_MAX)
      .flatMap(({ times, weight }): Table[] => {
        const pieces = this.looks.map((looks, kind) => [stock[kind]!, ...looks.slice(1).map(() => 0)]);
        let at = 0;
        this.looks.forEach((looks, kind) => {
          for (let look = 1; look < looks.length; look += 1, at += 1) {
            const n = times.get(at) ?? 0;
            pieces[kind]![look]! += n;
            pieces[kind]![0]! -= n;
          }
        });
        return pieces.every(([rest]) => rest! >= 0) ? [{ weight, pieces }] : [];
      });
    const whole = tables.reduce((sum, { weight }) => sum + weight, 0);
    return whole > 0 ? tables.map((table) => ({ ...table, weight: table.weight / whole })) : this.afresh;
  }
}

/** The usual look first: every camera names the piece rightly. */
function looksOf(kind: number, kinds: readonly KindRates[], { cameras }: FamilyRates): Look[] {
  const size = kinds.length;
  const { hiddenRate, confusionRate, missRate } = kinds[kind]!;
  const confusion = size > 1 ? confusionRate : 0;
  /** What one camera may see: null is nothing. */
  const options = ({ fogRate }: Camera): { seen: number | null; chance: number }[] => {
    const missed = Math.max(fogRate, missRate);
    const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== kind && confusion > 0);
    return [
      { seen: kind, chance: (1 - missed) * (1 - confusion) },
      { seen: null, chance: missed },
      ...others.map((other) => ({ seen: other, chance: ((1 - missed) * confusion) / (size - 1) })),
    ];
  };
  let looks: { seen: (number | null)[]; chance: number; odd: number }[] = [
    { seen: [], chance: 1 - hiddenRate, odd: 0 },
  ];
  for (const camera of cameras) {
    looks = looks.flatMap((look) =>
      options(camera).map(({ seen, chance }) => ({
        seen: [...look.seen, seen],
        chance: look.chance * chance,
        odd: look.odd + (seen === kind ? 0 : 1),
      })),
    );
    // With many cameras, what more than two of them get wrong at once is left to "hidden".
    looks = looks.filter(({ odd, seen }) => odd <= 2 || seen.every((one) => one === null));
  }
  const blind = looks.find(({ seen }) => seen.every((one) => one === null))!;
  blind.chance += hiddenRate;
  return looks.map(({ seen, chance }) => ({ kind, chance, seen: countsOf(seen, size) }));
}

function countsOf(seen: readonly (number | null)[], size: number): number[] {
  const counts = Array.from({ length: seen.length * size }, () => 0);
  seen.forEach((kind, camera) => {
    if (kind !== null) counts[camera * size + kind] = 1;
  });
  return counts;
}

/** What may happen to the counts of pieces that stay. */
function changesOf(sighting: FamilySighting, { cameras, model, kinds }: FamilyRates): Change[] {
  const falseRate = (model.falseRate / kinds) * (sighting.isFaint ? FAINT_FACTOR : 1);
  return sighting.rates.flatMap((rates, kind) => {
    const seen = cameras.map((_, camera) => (sighting.isCounted ? sighting.before[camera]![kind]! : USUAL_PIECES));
    const most = Math.max(...seen);
    const there = Math.max(most, sighting.isCounted ? (sighting.stock[kind] ?? most) : USUAL_PIECES);
    const moved = model.movedRate + rates.putBack / Math.max(1, there);
    return changesOfKind({ kind, seen, there, moved, rates, falseRate }, cameras, sighting.rates.length);
  });
}

interface Staying {
  readonly kind: number;
  /** By camera. */
  readonly seen: readonly number[];
  readonly there: number;
  /** Chance that a piece that stays is drawn anew for all cameras. */
  readonly moved: number;
  readonly rates: KindRates;
  readonly falseRate: number;
}

function changesOfKind(
  { kind, seen, there, moved, rates, falseRate }: Staying,
  cameras: readonly Camera[],
  size: number,
): Change[] {
  const entries = cameras.length * size;
  const all = (step: 1 | -1) =>
    cameras.reduce((sum, _, camera) => plus(sum, unit(entries, camera * size + kind, step)), zero(entries));
  const { hiddenRate, missRate, confusionRate } = rates;
  const most = Math.max(...seen);
  const confusion = size > 1 ? confusionRate : 0;
  return [
    { effect: all(-1), rate: most * moved * hiddenRate },
    { effect: all(1), rate: (there - most) * moved * (1 - hiddenRate) },
    ...cameras.flatMap(({ fogRate, flickerRate }, camera): Change[] => {
      const missed = Math.max(fogRate, missRate);
      const again = Math.min(1, moved + flickerRate);
      const entry = camera * size + kind;
      const gone = { effect: unit(entries, entry, -1), rate: seen[camera]! * again * missed + falseRate };
      const come = { effect: unit(entries, entry), rate: (there - seen[camera]!) * again * (1 - missed) + falseRate };
      const mistaken = Array.from({ length: size }, (_, other) => other)
        .filter((other) => other !== kind)
        .map((other) => ({
          effect: plus(unit(entries, entry, -1), unit(entries, camera * size + other)),
          rate: (seen[camera]! * again * (1 - missed) * confusion) / (size - 1),
        }));
      return [gone, come, ...mistaken];
    }),
  ];
}

function add(difference: number[], looks: readonly Look[], drawn: readonly number[], sign: number): void {
  for (let look = 0; look < looks.length; look += 1) {
    const n = drawn[look]! * sign;
    if (n === 0) continue;
    const { seen } = looks[look]!;
    for (let entry = 0; entry < difference.length; entry += 1) difference[entry]! += n * seen[entry]!;
  }
}

function multinomial(drawn: readonly number[], looks: readonly Look[]): number {
  let chance = 1;
  let count = 0;
  for (let look = 0; look < drawn.length; look += 1) {
    for (let n = 1; n <= drawn[look]!; n += 1) {
      count += 1;
      chance *= (looks[look]!.chance * count) / n;
    }
  }
  return chance;
}

function hypergeometric(drawn: readonly number[], there: readonly number[], total: number): number {
  let chance = 1;
  let left = total;
  let count = 0;
  for (let look = 0; look < drawn.length; look += 1) {
    for (let n = 0; n < drawn[look]!; n += 1) {
      count += 1;
      chance *= ((there[look]! - n) / left) * (count / (n + 1));
      left -= 1;
    }
  }
  return chance;
}

function flat(counts: readonly (readonly number[])[]): number[] {
  return counts.flat();
}
function zero(entries: number): number[] {
  return Array.from({ length: entries }, () => 0);
}
function unit(entries: number, at: number, value = 1): number[] {
  const vector = zero(entries);
  vector[at] = value;
  return vector;
}
function plus(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, entry) => value + b[entry]!);
}
