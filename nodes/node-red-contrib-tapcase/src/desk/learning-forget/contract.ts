// What learning-forget stores, and what a member of staff wants forgotten.

import { asFields, chosen, incomplete, parsed, readFields } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

/** `msg.order`, all but the time. */
export interface ForgetRequest {
  readonly caseId: string;
  /** null: all that the case has learned. */
  readonly sku: string | null;
  readonly by: string;
}

export function parseConfig(raw: unknown): { readonly ledger: string; readonly shop: string } {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

/** `message.incomplete`, `order.invalid` naming the field. An empty or absent `sku` is the whole case. */
export function parseMessage(raw: unknown): ForgetRequest | Fault {
  return parsed(() => {
    const { order } = asFields(raw);
    if (order === undefined) throw incomplete('order');
    const read = readFields(order, 'order.invalid', 'order.');
    const sku = (asFields(order).sku ?? '') === '' ? null : read.text('sku', { max: 24 });
    return { caseId: read.text('caseId', { max: 32 }), sku, by: read.text('by', { max: 60 }) };
  });
}
