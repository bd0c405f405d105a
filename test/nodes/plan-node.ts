// The first step of stripe-capture without Stripe: what the ledger's journal says is next for the visit of a message.
import { asFields, defineNode } from '@tapcase/define-node';
import type { Journal } from '@tapcase/domain';
import type { NodeModule, Outcome } from './harness.ts';
import { sent } from './visit-bench.ts';

const [ASK, END] = [0, 1];

const planNode: NodeModule = defineNode({
  type: 'test-plan',
  outputs: ['ask', 'end'],
  parseConfig: (raw) => asFields(raw) as { readonly ledger: string },
  parseMessage: (raw) => asFields(raw),
  build: (config, node) => {
    const { journal } = node.use<{ readonly journal: Journal }>(config.ledger, 'tapcase-ledger');
    return async (message) => {
      const next = await journal.next(message);
      return next.kind === 'ask'
        ? { to: 'ask', add: { ...next.add, act: next.act } }
        : { to: 'end', add: { ...next.add, end: next.end } };
    };
  },
});

/** For `withVisits`. */
export const PLAN = { type: 'test-plan', module: planNode, outputs: 2 };

/** The message with the order for `act`. */
export function asked(outcome: Outcome, act: string): Record<string, unknown> {
  const message = sent(outcome, ASK);
  if (message.act !== act) throw new Error(`asks to ${String(message.act)}, not to ${act}`);
  return message;
}

/** The message of a visit of which nothing is asked now. */
export function ended(outcome: Outcome, end: string): Record<string, unknown> {
  const message = sent(outcome, END);
  if (message.end !== end) throw new Error(`ends as ${String(message.end)}, not as ${end}`);
  return message;
}
