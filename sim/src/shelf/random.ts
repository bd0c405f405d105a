// The only source of chance on the simulated shelf: seeded, so that a scene or a test can be made again.

/** Uniform in [0, 1). */
export type Random = () => number;

/** Mulberry32: 32 bits of state, plenty for pictures and masses, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** Normal with mean 0 and standard deviation 1 (Box and Muller). */
export function gaussian(random: Random): number {
  // 1 - u keeps the logarithm away from zero.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
