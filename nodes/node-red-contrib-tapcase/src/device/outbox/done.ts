// Marks rows of the outbox as delivered: they will not be offered again.
import { setTimeout } from 'node:timers/promises';
import { asFields, incomplete, part } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import type { OutboxConfig, Output } from './contract.ts';

/**
 * What is delivered within this is marked in one write, long before its lease ends; a process that dies meanwhile delivers it once more:
 * a device knows the number of a frame, a phone rings twice.
 */
const TOGETHER_MS = { frames: 2_000, pushes: 500 } as const;

export const done = part<OutboxConfig, number, Output>({
  parseMessage: (raw) => {
    const { outboxId } = asFields(raw);
    return typeof outboxId === 'number' && Number.isSafeInteger(outboxId) ? outboxId : incomplete('outboxId');
  },
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    let batch: { readonly ids: number[]; readonly marked: Promise<void> } | undefined;
    const begin = (): NonNullable<typeof batch> => {
      const ids: number[] = [];
      const marked = setTimeout(TOGETHER_MS[config.kind]).then(() => {
        batch = undefined;
        return ledger.outboxDone(ids, node.now());
      });
      return { ids, marked };
    };
    return async (outboxId) => {
      batch ??= begin();
      batch.ids.push(outboxId);
      await batch.marked;
      return { to: 'row' };
    };
  },
});
