// All the ways in which a request is made odd, by name, and what number so-and-so of a storm is.
import { seeded } from '../../prove/random.ts';
import { type Draft, draftOf, type Example } from './draft.ts';
import type { Mutators } from './mutator.ts';
import { BODY_MUTATORS } from './mutators-body.ts';
import { HEAD_MUTATORS } from './mutators-head.ts';
import { TARGET_MUTATORS } from './mutators-target.ts';
import { WIRE_MUTATORS } from './mutators-wire.ts';

export const MUTATORS: Mutators = { ...BODY_MUTATORS, ...TARGET_MUTATORS, ...HEAD_MUTATORS, ...WIRE_MUTATORS };
const NAMES = Object.keys(MUTATORS);
/** What is odd in one way only gets furthest in; the others find what two oddities do together. */
const ONE = 0.7;
/** Now and then a good one: that it is answered well is how one sees that the others got that far. */
const NONE = 0.02;

export interface Shot {
  readonly index: number;
  readonly draft: Draft;
  /** In the order in which they were done to it. */
  readonly mutators: readonly string[];
}

/** The same for the same seed, index and examples, whoever came before it. Addresses are each its own. */
export function shotOf(seed: number, index: number, examples: readonly Example[]): Shot {
  const random = seeded(Math.imul(seed, 2_654_435_761) + Math.imul(index, 40_503));
  // Neighbours begin alike.
  random.next();
  const draft = draftOf(random.pick(examples));
  draft.body = Buffer.from(draft.body.toString('latin1').replaceAll('nobody-0@', `nobody-${seed}-${index}@`), 'latin1');
  const dice = random.next();
  const count = dice < NONE ? 0 : dice < NONE + ONE ? 1 : random.whole(2, 3);
  const mutators = Array.from({ length: count }, () => {
    const name = random.pick(NAMES);
    // Where no body belongs every one is refused alike: a few show that.
    return draft.body.length === 0 && Object.hasOwn(BODY_MUTATORS, name) && random.chance(0.8)
      ? random.pick(NAMES)
      : name;
  });
  for (const name of mutators) MUTATORS[name]!(draft, random);
  // Chunks that another mutator wrote over may have no end.
  const isChunked = draft.headers.some(([name]) => name === 'transfer-encoding');
  if (isChunked && count > 1 && draft.ends === 'answer') draft.ends = 'half';
  return { index, draft, mutators };
}
