// Marks a row of the outbox as delivered: it will not be offered again.
import { asFields, incomplete, part } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import type { OutboxConfig, Output } from './contract.ts';

export const done = part<OutboxConfig, number, Output>({
  parseMessage: (raw) => {
    const { outboxId } = asFields(raw);
    return typeof outboxId === 'number' && Number.isSafeInteger(outboxId) ? outboxId : incomplete('outboxId');
  },
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async (outboxId) => {
      await ledger.outboxDone(outboxId, node.now());
      return { to: 'row' };
    };
  },
});
