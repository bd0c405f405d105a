// A seeded source of chance: the same seed tells the same story.

export interface Random {
  /** 0 <= x < 1 */
  next(): number;
  /** min to max, both included. */
  whole(min: number, max: number): number;
  pick<T>(from: readonly T[]): T;
  chance(probability: number): boolean;
  shuffled<T>(from: readonly T[]): T[];
}

/** mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    whole,
    pick: (from) => from[whole(0, from.length - 1)]!,
    chance: (probability) => next() < probability,
    shuffled: (from) => {
      const list = [...from];
      for (let last = list.length - 1; last > 0; last -= 1) {
        const other = whole(0, last);
        [list[last], list[other]] = [list[other]!, list[last]!];
      }
      return list;
    },
  };
}
