// What every table of mutators holds.
import type { Random } from '../../prove/random.ts';
import type { Draft } from './draft.ts';

/** Makes a good request odd, in place. Which oddity, chance says: the same chance makes the same bytes. */
export type Mutator = (draft: Draft, random: Random) => void;
export type Mutators = Readonly<Record<string, Mutator>>;

/** Of a list of oddities one. */
export function oneOf<T>(oddities: readonly T[], act: (draft: Draft, oddity: T, random: Random) => void): Mutator {
  return (draft, random) => act(draft, random.pick(oddities), random);
}
