// How likely rare, independent changes add up to a given difference of counts, and which ways there are.

/** A difference: one entry per camera and kind, counts. */
export type Difference = readonly number[];

export interface Change {
  readonly effect: Difference;
  /** Expected number per visit (Poisson). */
  readonly rate: number;
}

/** One way: how often each change happened. */
export interface Way {
  readonly times: ReadonlyMap<number, number>;
  /** Product of rate^n / n!. */
  readonly weight: number;
}

/** Differences larger than this (summed over entries) are not solved: nobody explains so much by rare changes. */
const SOLVED_MAX = 10;
/** Probability of one unit of an unsolved difference. */
const UNSOLVED_UNIT = Math.exp(-5);
/** Ways less probable than the best by this factor are left out. */
const NEGLIGIBLE = 1e-6;
const WAYS_MAX = 64;

/** Same effects as one change, rates added; a change without effect or rate changes nothing. */
export function mergeChanges(changes: readonly Change[]): Change[] {
  const byEffect = new Map<string, Change>();
  for (const change of changes) {
    if (change.rate <= 0 || change.effect.every((entry) => entry === 0)) continue;
    const key = change.effect.join();
    byEffect.set(key, { effect: change.effect, rate: change.rate + (byEffect.get(key)?.rate ?? 0) });
  }
  return [...byEffect.values()];
}

/** Chance that the changes add up to `difference`; never zero: what cannot be solved is merely very improbable. */
export function chanceOf(changes: readonly Change[], difference: Difference): number {
  const total = difference.reduce((sum, entry) => sum + Math.abs(entry), 0);
  const silence = Math.exp(-changes.reduce((sum, { rate }) => sum + rate, 0));
  if (total === 0) return silence;
  const floor = UNSOLVED_UNIT ** total * NEGLIGIBLE;
  if (total > SOLVED_MAX) return floor;
  return floor + silence * waysTo(changes, difference).reduce((sum, { weight }) => sum + weight, 0);
}

/**
 * The ways in which changes add up to `difference`, each once: entry by entry, only changes that leave earlier entries
 * alone and work towards the entry's sign. Two changes that undo one another are left out: rare times rare.
 */
export function waysTo(changes: readonly Change[], difference: Difference): Way[] {
  const ways: Way[] = [];
  const left = [...difference];
  const times = new Map<number, number>();
  const byEntry = left.map((_, entry) =>
    [...changes.keys()].filter((index) => changes[index]!.effect.findIndex((value) => value !== 0) === entry),
  );
  let best = 0;
  const walk = (entry: number, from: number, weight: number): void => {
    if (weight <= best * NEGLIGIBLE || ways.length >= WAYS_MAX) return;
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
    const options = byEntry[at]!;
    for (let option = start; option < options.length; option += 1) {
      const index = options[option]!;
      const { effect, rate } = changes[index]!;
      if (Math.sign(effect[at]!) !== Math.sign(left[at]!)) continue;
      const before = times.get(index) ?? 0;
      times.set(index, before + 1);
      for (let entry = 0; entry < left.length; entry += 1) left[entry]! -= effect[entry]!;
      walk(at, option, (weight * rate) / (before + 1));
      for (let entry = 0; entry < left.length; entry += 1) left[entry]! += effect[entry]!;
      if (before === 0) times.delete(index);
      else times.set(index, before);
    }
  };
  walk(0, 0, 1);
  return ways.sort((a, b) => b.weight - a.weight);
}
