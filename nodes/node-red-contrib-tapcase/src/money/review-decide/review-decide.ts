// Writes down what a person decided about a doubtful basket, once, with who and why; the money follows in the ledger.
import { defineNode } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { Ledger, ReviewOrder } from '@tapcase/ledger';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'review-decide',
  outputs: ['decided', 'refused'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ visitId, order }) => {
      const timed: ReviewOrder = { ...order, atMs: node.now() };
      const result = await ledger.decideReview(visitId, timed);
      if (result instanceof Fault) {
        const refused = { code: result.code, message: result.message };
        return { to: 'refused', add: { refused }, status: result.code, look: 'needs-person' };
      }
      const { visit, review, kind } = result;
      return { to: 'decided', add: { visit, review }, status: kind === 'repeated' ? 'already' : order.decision };
    };
  },
});
