// How likely rare, independent changes add up to a given difference of counts, and which ways there are.

/** A difference: one entry per camera and kind, counts. */
export type Difference = readonly number[];

/** One way: how often each change happened, by its index. */
export interface Way {
  readonly times: ReadonlyMap<number, number>;
  /** Product of rate^n / n!. */
  readonly weight: number;
}

/** Differences larger than this (summed over entries) are not solved: nobody explains so much by rare changes. */
const SOLVED_MAX = 6;
/** Probability of one unit of an unsolved difference. */
const UNSOLVED_UNIT = Math.exp(-5);
/** Ways less probable than the best by this factor are left out, */
const NEGLIGIBLE = 1e-3;
/** and any that is less probable than this. */
const WEIGHT_MIN = 1e-11;
const WAYS_MAX = 64;

interface Step {
  readonly index: number;
  readonly entries: readonly number[];
  readonly values: readonly number[];
}

/** What may change, without how often: the same for every family of a size. */
export class ChangeEffects {
  /** By the first entry that a change touches, and its sign there. */
  readonly steps: readonly (readonly [down: readonly Step[], up: readonly Step[]])[];

  constructor(effects: readonly Difference[]) {
    const steps = effects.map((effect, index): Step => {
      const entries = [...effect.keys()].filter((entry) => effect[entry] !== 0);
      return { index, entries, values: entries.map((entry) => effect[entry]!) };
    });
    this.steps = (effects[0] ?? []).map((_, entry) => {
      const own = steps.filter((step) => step.entries[0] === entry);
      return [own.filter(({ values }) => values[0]! < 0), own.filter(({ values }) => values[0]! > 0)] as const;
    });
  }
}

/**
 * Sums over the ways in which changes add up to a difference, each once: entry by entry, only changes that leave earlier
 * entries alone and work towards the entry's sign. Two changes that undo one another are left out: rare times rare.
 */
export class RareChanges {
  private readonly effects: ChangeEffects;
  /** Expected number per visit (Poisson), by change. */
  private readonly rates: readonly number[];
  private readonly silence: number;
  private readonly chances = new Map<number | string, number>();

  constructor(effects: ChangeEffects, rates: readonly number[]) {
    this.effects = effects;
    this.rates = rates;
    let sum = 0;
    for (const rate of rates) sum += rate;
    this.silence = Math.exp(-sum);
  }

  /** Chance that the changes add up to `difference`; never zero: what cannot be solved is merely very improbable. */
  chanceOf(difference: Difference): number {
    let total = 0;
    for (const entry of difference) total += Math.abs(entry);
    if (total === 0) return this.silence;
    const floor = UNSOLVED_UNIT ** total * NEGLIGIBLE;
    if (total > SOLVED_MAX) return floor;
    const key = keyOf(difference);
    let chance = this.chances.get(key);
    if (chance === undefined) {
      let sum = 0;
      this.walk(difference, (weight) => {
        sum += weight;
      });
      chance = floor + this.silence * sum;
      this.chances.set(key, chance);
    }
    return chance;
  }

  /** The ways, the most probable first. */
  waysTo(difference: Difference): Way[] {
    const ways: Way[] = [];
    this.walk(difference, (weight, path) => {
      const times = new Map<number, number>();
      for (const index of path) times.set(index, (times.get(index) ?? 0) + 1);
      ways.push({ times, weight });
    });
    return ways.sort((a, b) => b.weight - a.weight);
  }

  private walk(difference: Difference, found: (weight: number, path: readonly number[]) => void): void {
    const left = [...difference];
    const path: number[] = [];
    const { rates } = this;
    let best = 0;
    let ways = 0;
    const descend = (entry: number, from: number, run: number, weight: number): void => {
      let at = entry;
      while (at < left.length && left[at] === 0) at += 1;
      if (at === left.length) {
        best = Math.max(best, weight);
        ways += 1;
        return found(weight, path);
      }
      const steps = this.effects.steps[at]![left[at]! < 0 ? 0 : 1];
      for (let option = at === entry ? from : 0; option < steps.length && ways < WAYS_MAX; option += 1) {
        const step = steps[option]!;
        const times = at === entry && option === from ? run + 1 : 1;
        const next = (weight * rates[step.index]!) / times;
        if (next < WEIGHT_MIN || next <= best * NEGLIGIBLE) continue;
        shift(left, step, -1);
        path.push(step.index);
        descend(at, option, times, next);
        path.pop();
        shift(left, step, 1);
      }
    };
    descend(0, 0, 0, 1);
  }
}

function shift(left: number[], { entries, values }: Step, sign: 1 | -1): void {
  for (let n = 0; n < entries.length; n += 1) left[entries[n]!]! += sign * values[n]!;
}

/** Short vectors of small counts as one exact number. */
const KEY_BASE = 64;
const KEY_LENGTH_MAX = 8;

export function keyOf(counts: readonly number[]): number | string {
  if (counts.length > KEY_LENGTH_MAX) return counts.join();
  let key = 0;
  for (const count of counts) {
    if (count <= -KEY_BASE / 2 || count >= KEY_BASE / 2) return counts.join();
    key = key * KEY_BASE + count + KEY_BASE / 2;
  }
  return key;
}
