// How likely rare, independent changes add up to a given difference of counts, and which ways there are.

import type { Effort } from './effort.ts';

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
const NEGLIGIBLE = 3e-3;
/** and any that is less probable than this. */
const WEIGHT_MIN = 1e-11;
const WAYS_MAX = 64;
/** Differences larger than this are walked by nobody: the counts and the books have nothing to do with one another. */
const WALKED_MAX = 64;

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
 * entries alone and work towards the entry's sign. Changes that undo one another at an entry are rare times rare: they
 * are left out, or tried once in a way (a detour).
 */
export class RareChanges {
  private readonly effects: ChangeEffects;
  private readonly effort: Effort;
  /** Expected number per visit (Poisson), by change. */
  private readonly rates: readonly number[];
  private readonly mostFrequent: number;
  private readonly silence: number;
  private readonly chances = new Map<number | string, number>();

  constructor(effects: ChangeEffects, rates: readonly number[], effort: Effort) {
    this.effects = effects;
    this.effort = effort;
    this.rates = rates;
    let sum = 0;
    let most = 0;
    for (const rate of rates) {
      sum += rate;
      most = Math.max(most, rate);
    }
    this.mostFrequent = most;
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
      this.walk(difference, 0, (weight) => {
        sum += weight;
      });
      chance = floor + this.silence * sum;
      this.chances.set(key, chance);
    }
    return chance;
  }

  /** The ways with at most so many detours, the most probable first. */
  waysTo(difference: Difference, detours: 0 | 1 = 0): Way[] {
    const ways: Way[] = [];
    this.walk(difference, detours, (weight, path) => {
      const times = new Map<number, number>();
      for (const index of path) times.set(index, (times.get(index) ?? 0) + 1);
      ways.push({ times, weight });
    });
    return ways.sort((a, b) => b.weight - a.weight);
  }

  private walk(difference: Difference, detours: 0 | 1, found: (weight: number, path: readonly number[]) => void): void {
    const { rates } = this;
    const { steps } = this.effects;
    if (difference.reduce((sum, entry) => sum + Math.abs(entry), 0) > WALKED_MAX) return;
    const left = [...difference];
    const path: number[] = [];
    let least = WEIGHT_MIN;
    let ways = 0;
    const descend = (at: number, from: number, run: number, weight: number, spare: number): void => {
      if (at === left.length) {
        least = Math.max(least, weight * NEGLIGIBLE);
        ways += 1;
        return found(weight, path);
      }
      const isDone = left[at] === 0;
      if (isDone) descend(at + 1, 0, 0, weight, spare);
      // A detour starts downwards, and before any other change at its entry: so every way is found once.
      if (isDone && (spare === 0 || run > 0)) return;
      const options = steps[at]![isDone || left[at]! < 0 ? 0 : 1];
      for (let option = from; option < options.length; option += 1) {
        const step = options[option]!;
        const times = option === from && !isDone ? run + 1 : 1;
        const next = (weight * rates[step.index]!) / times;
        // A detour needs another change to come back.
        if (next < least || (isDone && next * this.mostFrequent < least) || ways >= WAYS_MAX) continue;
        if (!this.effort.step()) return;
        shift(left, step, -1);
        path.push(step.index);
        descend(at, isDone ? 0 : option, isDone ? 0 : times, next, isDone ? spare - 1 : spare);
        path.pop();
        shift(left, step, 1);
      }
    };
    descend(0, 0, 0, 1, detours);
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
