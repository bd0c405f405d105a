// What money-order stores, and the order that a member of staff gives.
import { AMOUNT_MINOR_MAX, type Fault } from '@tapcase/domain';
import { asFields, parsed, readFields } from '../fields.ts';
import { chosen } from '../messages.ts';
import type { AdjustmentOrder } from '../store/port.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'ledger', required: true },
} as const;

/** `msg.order` */
export type StaffOrder = Omit<AdjustmentOrder, 'atMs'> &
  (
    | { readonly kind: 'refund'; readonly amountMinor: number }
    | { readonly kind: 'waive' }
    | { readonly kind: 'lower'; readonly newTotalMinor: number }
  );

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** `order.invalid` naming the field: an order without a reason or a name is none. */
export function parseMessage(raw: unknown): StaffOrder | Fault {
  return parsed(() => {
    const read = readFields(asFields(raw).order, 'order.invalid', 'order.');
    const kind = read.oneOf('kind', ['refund', 'waive', 'lower']);
    const common = {
      id: read.text('id', { min: 8, max: 64, pattern: /^[A-Za-z0-9-]+$/ }),
      visitId: read.text('visitId', { max: 64, pattern: /^[A-Za-z0-9-]+$/ }),
      reason: read.text('reason', { min: 3, max: 200 }),
      by: read.text('by', { max: 60 }),
    };
    switch (kind) {
      case 'refund':
        return { ...common, kind, amountMinor: read.whole('amountMinor', { min: 1, max: AMOUNT_MINOR_MAX }) };
      case 'lower':
        return { ...common, kind, newTotalMinor: read.whole('newTotalMinor', { min: 0, max: AMOUNT_MINOR_MAX }) };
      case 'waive':
        return { ...common, kind };
    }
  });
}
