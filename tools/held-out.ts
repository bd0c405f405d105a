// Which scenes no training ever sees: the seeds of the held-out sets, one for each condition, and their size; and what
// counts as seen in a picture where pieces hide each other.
import { CONDITIONS, type Condition } from '../sim/src/shelf/conditions.ts';

const FIRST_SEED = 20_261_120;
export const HELD_OUT_SCENES = 2_000;

/** A piece of which at least this share of the pixels is visible must be counted. */
export const MUST_COUNT_SHARE = 0.5;
/** One of which less is visible must not; between the two it may be counted or not. */
export const MAY_COUNT_SHARE = 0.25;

export function heldOutSeed(condition: Condition): number {
  return FIRST_SEED + CONDITIONS.indexOf(condition);
}

export function isHeldOut(seed: number): boolean {
  return seed >= FIRST_SEED && seed < FIRST_SEED + CONDITIONS.length;
}
