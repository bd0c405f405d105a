// What review-decide stores, and the decision that a member of staff gives.

import { asFields, chosen, incomplete, parsed, readFields } from '@tapcase/define-node';
import { type BasketLine, type Fault, REVIEW_COUNT_MAX, REVIEW_LINES_MAX } from '@tapcase/domain';
import type { ReviewOrder } from '@tapcase/ledger';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

type Untimed<T> = T extends { readonly atMs: number } ? Omit<T, 'atMs'> : never;

/** `msg.order`, all but the time. */
export interface ReviewRequest {
  readonly visitId: string;
  readonly order: Untimed<ReviewOrder>;
}

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** `order.invalid` naming the field: a decision without a note or a name is none. Prices are never taken from it. */
export function parseMessage(raw: unknown): ReviewRequest | Fault {
  return parsed(() => {
    const { order } = asFields(raw);
    if (order === undefined) throw incomplete('order');
    const read = readFields(order, 'order.invalid', 'order.');
    const visitId = read.text('visitId', { max: 64, pattern: /^[A-Za-z0-9-]+$/ });
    const common = { by: read.text('by', { max: 60 }), note: read.text('note', { min: 3, max: 200 }) };
    const decision = read.oneOf('decision', ['confirm', 'correct', 'waive']);
    switch (decision) {
      case 'confirm':
        return { visitId, order: { ...common, decision } };
      case 'waive':
        return { visitId, order: { ...common, decision, givesBack: read.flag('givesBack') } };
      case 'correct':
        return { visitId, order: { ...common, decision, lines: linesOf(asFields(order).lines) } };
    }
  });
}

/** Whether the visit's catalog has such a product is the ledger's to say. Throws `order.invalid`. */
function linesOf(raw: unknown): readonly BasketLine[] {
  const lines = Array.isArray(raw) ? raw : undefined;
  const read = readFields({ lines: lines?.length }, 'order.invalid', 'order.');
  read.whole('lines', { min: 0, max: REVIEW_LINES_MAX });
  return (lines ?? []).map((line, at) => {
    const each = readFields(line, 'order.invalid', `order.lines.${at}.`);
    return { sku: each.text('sku', { max: 24 }), count: each.whole('count', { min: 0, max: REVIEW_COUNT_MAX }) };
  });
}
