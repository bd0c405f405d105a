// Which scenes nobody may train on, so that what is measured on them means something.
import { CONDITIONS, type Condition } from '../sim/src/shelf/conditions.ts';

const HELD_OUT_SEED = 20_270_101;
export const HELD_OUT_SCENES = 2_000;

/** Each condition has scenes of its own. */
export function heldOutSeed(condition: Condition): number {
  return HELD_OUT_SEED + CONDITIONS.indexOf(condition);
}

export function isHeldOut(seed: number): boolean {
  return seed >= HELD_OUT_SEED && seed < HELD_OUT_SEED + CONDITIONS.length;
}

/** A piece of which less is seen by a camera cannot be counted by it: about a third of a can tells which can it is. */
export const VISIBLE_MIN = 0.35;
