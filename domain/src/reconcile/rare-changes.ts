// How likely rare, independent changes add up to a given difference of counts, and which ways there are.

/** A difference: one entry per camera and kind, counts. */
export type Difference = readonly number[];

export interface Change {
  readonly effect: Difference;
  /** Expected number per visit (Poisson). */
  readonly rate: number;
}

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
const NEGLIGIBLE = 1e-4;
/** and any that is less probable than this. */
const WEIGHT_MIN = 1e-13;
const WAYS_MAX = 64;

export class RareChanges {
  private readonly changes: readonly Change[];
  /** By the first entry that they touch, the most frequent first. */
  private readonly byEntry: readonly (readonly number[])[];
  private readonly silence: number;
  private readonly chances = new Map<string, number>();

  constructor(changes: readonly Change[], entries: number) {
    this.changes = changes;
    const first = changes.map(({ effect, rate }) => (rate > 0 ? effect.findIndex((value) => value !== 0) : -1));
    this.byEntry = Array.from({ length: entries }, (_, entry) =>
      [...first.keys()].filter((index) => first[index] === entry).sort((a, b) => changes[b]!.rate - changes[a]!.rate),
    );
    this.silence = Math.exp(-changes.reduce((sum, { rate }) => sum + rate, 0));
  }

  /** Chance that the changes add up to `difference`; never zero: what cannot be solved is merely very improbable. */
  chanceOf(difference: Difference): number {
    let total = 0;
    for (const entry of difference) total += Math.abs(entry);
    if (total === 0) return this.silence;
    const floor = UNSOLVED_UNIT ** total * NEGLIGIBLE;
    if (total > SOLVED_MAX) return floor;
    const key = difference.join();
    let chance = this.chances.get(key);
    if (chance === undefined) {
      chance = floor + this.silence * this.waysTo(difference).reduce((sum, { weight }) => sum + weight, 0);
      this.chances.set(key, chance);
    }
    return chance;
  }

  /**
   * The ways in which changes add up to `difference`, each once, the most probable first: entry by entry, only changes
   * that leave earlier entries alone and work towards the entry's sign. Two changes that undo one another are left out:
   * rare times rare.
   */
  waysTo(difference: Difference): Way[] {
    const ways: Way[] = [];
    const left = [...difference];
    const times = new Map<number, number>();
    let best = 0;
    const walk = (entry: number, from: number, weight: number): void => {
      if (weight < WEIGHT_MIN || weight <= best * NEGLIGIBLE || ways.length >= WAYS_MAX) return;
      let at = entry;
      let start = from;
      while (at < left.length && left[at] === 0) {
        at += 1;
        start = 0;
      }
      if (at === left.length) {
        best = Math.max(best, weight);
        ways.push({ times: new Map(times), weight });
        return;
      }
      const options = this.byEntry[at]!;
      const isDown = left[at]! < 0;
      for (let option = start; option < options.length; option += 1) {
        const index = options[option]!;
        const { effect, rate } = this.changes[index]!;
        if (effect[at]! < 0 !== isDown) continue;
        const before = times.get(index) ?? 0;
        times.set(index, before + 1);
        for (let n = 0; n < left.length; n += 1) left[n]! -= effect[n]!;
        walk(at, option, (weight * rate) / (before + 1));
        for (let n = 0; n < left.length; n += 1) left[n]! += effect[n]!;
        if (before === 0) times.delete(index);
        else times.set(index, before);
      }
    };
    walk(0, 0, 1);
    return ways.sort((a, b) => b.weight - a.weight);
  }
}

/** Same effects as one change, rates added. */
export function mergeChanges(changes: readonly Change[]): Change[] {
  const byEffect = new Map<string, Change>();
  for (const { effect, rate } of changes) {
    const key = effect.join();
    byEffect.set(key, { effect, rate: rate + (byEffect.get(key)?.rate ?? 0) });
  }
  return [...byEffect.values()];
}
