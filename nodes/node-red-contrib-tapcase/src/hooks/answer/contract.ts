// What tapcase-answer stores: nothing. The message's payload is the answer, and what is wrong with it says the question.
import { contract } from '@tapcase/define-node';

export const answer = contract({
  type: 'tapcase-answer',
  category: 'tapcase hooks',
  color: '#B8C6E8',
  icon: 'font-awesome/fa-reply',
  align: 'right',
  inputs: 1,
  outputs: [],
  properties: {},
});

/** Nothing of it is read before it is bounded. */
export function parseMessage(raw: unknown): unknown {
  return raw;
}
