// What outbox-done stores, and the row's number that a message must bring.

import { asFields, chosen } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): { readonly outboxId: number } | Fault {
  const { outboxId } = asFields(raw);
  if (typeof outboxId !== 'number' || !Number.isSafeInteger(outboxId)) {
    return new Fault('message.incomplete', 'the message has no outboxId', { property: 'outboxId' });
  }
  return { outboxId };
}
