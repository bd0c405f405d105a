// What tapcase-answer stores: nothing. The message's payload is the answer, and what is wrong with it says the question.
import { configText } from '@tapcase/define-node';

export const defaults = {
  name: { value: '' },
} as const;

export function parseConfig(raw: unknown): { readonly name: string } {
  return { name: configText(raw, 'name') };
}

/** Nothing of it is read before it is bounded. */
export function parseMessage(raw: unknown): unknown {
  return raw;
}
