// The parameters of a call: what JSON can say, in bounds that no request of Stripe's API comes near.
import { type Check, phrase } from '@tapcase/define-node';
import type { CallParams } from '../stripe-account/contract.ts';

const DEPTH_MAX = 8;
const VALUES_MAX = 1_000;
const TEXT_LENGTH_MAX = 5_000;
/** As Stripe names them; the names of metadata are somebody's own, but have no brackets either. */
const NAME = /^[^[\]\p{Cc}]{1,100}$/u;

export const callParams: Check<CallParams> = {
  of: 'object',
  want: phrase('an object of texts, numbers, flags, lists and objects, __max__ at most', { max: VALUES_MAX }),
  bounds: `≤ ${VALUES_MAX}`,
  read: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    try {
      const left = { values: VALUES_MAX };
      return copied(value, 0, left) as CallParams;
    } catch (thrown) {
      if (thrown instanceof RangeError) return undefined;
      throw thrown;
    }
  },
};

/** Throws a RangeError for what a request cannot carry. */
function copied(value: unknown, depth: number, left: { values: number }): unknown {
  left.values -= 1;
  if (left.values < 0 || depth > DEPTH_MAX) throw new RangeError('too much');
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string' && value.length <= TEXT_LENGTH_MAX) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return Array.from(value, (each) => copied(each, depth + 1, left));
  if (typeof value !== 'object' || ArrayBuffer.isView(value) || value instanceof Date) throw new RangeError('no JSON');
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  if (!entries.every(([name]) => NAME.test(name) && name !== '__proto__')) throw new RangeError('a name that is none');
  return Object.fromEntries(entries.map(([name, each]) => [name, copied(each, depth + 1, left)]));
}
