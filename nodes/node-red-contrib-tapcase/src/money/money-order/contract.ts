// What money-order stores, and the order that a member of staff gives.

import { asFields, chosen, parsed, readFields } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, type Fault } from '@tapcase/domain';
import type { AdjustmentOrder } from '@tapcase/ledger';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

/** `msg.order`. An amount is minor units as a number, or what a person typed ("1.50") in the visit's currency. */
export type StaffOrder = Omit<AdjustmentOrder, 'atMs'> &
  (
    | { readonly kind: 'refund'; readonly amount: number | string }
    /** Without an amount all of it. */
    | { readonly kind: 'waive'; readonly amount: number | string | undefined }
    | { readonly kind: 'lower'; readonly amount: number | string }
  );

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** `order.invalid` naming the field: an order without a reason or a name is none. */
export function parseMessage(raw: unknown): StaffOrder | Fault {
  return parsed(() => {
    const { order } = asFields(raw);
    const read = readFields(order, 'order.invalid', 'order.');
    const isTyped = asFields(order).amount !== undefined;
    const isNumbered = asFields(order).amountMinor !== undefined;
    const amountOf = (name: string, min: number) =>
      isTyped ? read.text('amount', { max: 12 }) : read.whole(name, { min, max: AMOUNT_MINOR_MAX });
    const kind = read.oneOf('kind', ['refund', 'waive', 'lower']);
    const common = {
      id: read.text('id', { min: 8, max: 64, pattern: /^[A-Za-z0-9-]+$/ }),
      visitId: read.text('visitId', { max: 64, pattern: /^[A-Za-z0-9-]+$/ }),
      reason: read.text('reason', { min: 3, max: 200 }),
      by: read.text('by', { max: 60 }),
    };
    switch (kind) {
      case 'refund':
        return { ...common, kind, amount: amountOf('amountMinor', 1) };
      case 'lower':
        return { ...common, kind, amount: amountOf('newTotalMinor', 0) };
      case 'waive':
        return { ...common, kind, amount: isTyped || isNumbered ? amountOf('amountMinor', 1) : undefined };
    }
  });
}
