// Writes down what Stripe said to a step. Where nothing is left to ask, the visit has ended and the customer is told.
import { defineNode } from '@tapcase/define-node';
import type { Answered, Ledger } from '@tapcase/ledger';
import { endEffects } from '../end-effects.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'settle-record',
  outputs: ['more', 'ended', 'changed', 'rest'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ step, answer, card }) => {
      const atMs = node.now();
      const { kind, visit } = await ledger.answerMoney(step, answer, {
        atMs,
        ends: (ended) => endEffects(ended, atMs),
      });
      // Whoever paid a debt with another card means that card from now on.
      if (card !== undefined && answer.kind === 'done') await ledger.setCard(visit.customerId, card, atMs);
      const look = answer.kind === 'refused' || answer.kind === 'unknown' ? 'needs-person' : 'did';
      return { to: kind, add: { visit }, status: wordOf(kind, visit.outcome), look };
    };
  },
});

function wordOf(kind: Answered['kind'], outcome: string | null): string {
  return kind === 'ended' ? (outcome ?? 'ended') : kind === 'more' ? 'next step' : kind;
}
