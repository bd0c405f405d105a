// How quiet the scale of a case is: from what the weighings of agreed visits were off, robustly, and in no hurry.

/** A weighing as far as it tells about the scale. */
export interface ScaleSample {
  /** Measured, less what the pieces are believed to weigh. */
  readonly residualGrams: number;
  /** Grams squared: what the pieces' own spread adds to the residual. */
  readonly pieceVariance: number;
}

/** The default counts as much as this many visits: two days of a busy case. */
const PSEUDO_VISITS = 20;
/** Visits after which one counts half: a scale that grows noisier over some weeks is seen within that time. */
const HALF_LIFE_VISITS = 100;
/** Below this many visits nothing is said: one standard deviation of a sigma from 20 is 16 % of it. */
export const SIGMA_VISITS_MIN = 20;
/** A residual beyond this many standard deviations counts as one there: a hand on the shelf is no noise of the scale. */
const CLIP_SIGMAS = 2.5;
/** Mean of a squared normal value that is clipped at 2.5: what the clipping takes away is given back. */
const CLIPPED_SQUARE = 0.97757;
/** The iteration gains a factor of about four a round; grams are not told apart below a hundredth. */
const ROUNDS = 8;
const SIGMA_GRAMS_MIN = 0.1;

/** By age in visits. Kept, because all of them are needed for each of a case's visits. */
const fades: number[] = [];

function fadeOf(age: number): number {
  for (let next = fades.length; next <= age; next += 1) fades.push(2 ** (-next / HALF_LIFE_VISITS));
  return fades[age]!;
}

/** Grams, one standard deviation of a door session. `samples` in the order of time; no sample gives the default. */
export function sigmaOf(samples: readonly ScaleSample[], defaultGrams: number): number {
  let variance = defaultGrams ** 2;
  for (let round = 0; round < ROUNDS; round += 1) {
    let sum = PSEUDO_VISITS * defaultGrams ** 2;
    let weights = PSEUDO_VISITS;
    for (let at = 0; at < samples.length; at += 1) {
      const { residualGrams, pieceVariance } = samples[at]!;
      const whole = variance + pieceVariance;
      // A basket of many pieces hardly tells the scale's noise from theirs.
      const weight = fadeOf(samples.length - 1 - at) * (variance / whole) ** 2;
      const square = Math.min(residualGrams ** 2, CLIP_SIGMAS ** 2 * whole) / CLIPPED_SQUARE;
      sum += weight * (square - pieceVariance);
      weights += weight;
    }
    variance = Math.max(SIGMA_GRAMS_MIN ** 2, sum / weights);
  }
  return Math.sqrt(variance);
}
