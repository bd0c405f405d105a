// How often something happened, and how far the true share may lie from what so many visits show.

/** Of the normal distribution: 95 % lie within this many standard deviations. */
const Z_95 = 1.959963984540054;

export interface Rate {
  readonly count: number;
  readonly of: number;
  /** 0..1; null where there was nothing to count. */
  readonly rate: number | null;
  /** Wilson's 95 % interval, 0..1. */
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval (E. B. Wilson, JASA 22, 1927): honest where the plain one is not, at shares near 0 and 1, which
 * is where a shop wants to be. None of 1,000 visits overcharged still means "up to 0.38 %".
 */
export function rateOf(count: number, of: number): Rate {
  if (of === 0) return { count, of, rate: null, low: 0, high: 1 };
  const share = count / of;
  const shrink = 1 + Z_95 ** 2 / of;
  const centre = share + Z_95 ** 2 / (2 * of);
  const spread = Z_95 * Math.sqrt((share * (1 - share)) / of + Z_95 ** 2 / (4 * of ** 2));
  return {
    count,
    of,
    rate: share,
    // At the ends the two terms are equal; rounding must not leave the truth outside its own interval.
    low: count === 0 ? 0 : Math.max(0, (centre - spread) / shrink),
    high: count === of ? 1 : Math.min(1, (centre + spread) / shrink),
  };
}
