// Marks a row of the outbox as delivered: it will not be offered again.
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'outbox-done',
  outputs: ['done'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ outboxId }) => {
      await ledger.outboxDone(outboxId, node.now());
      return { to: 'done' };
    };
  },
});
