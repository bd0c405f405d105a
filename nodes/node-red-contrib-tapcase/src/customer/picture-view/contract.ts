// What picture-view stores, and what a request asks: the pictures of a visit, or one of them.

import { asFields, chosen, incomplete, parsed } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { paramOf, requiredCustomer } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  store: { value: '', type: 'picture-store', required: true },
  audience: { value: 'customer', required: true },
} as const;

export interface PictureViewConfig {
  readonly ledger: string;
  readonly store: string;
  /** Staff see any visit's, a customer those of his own. */
  readonly audience: 'customer' | 'staff';
}

export interface PictureQuestion {
  readonly visitId: string;
  /** `before-0.jpg`; '' asks for the list. */
  readonly name: string;
  /** Throws `customer.unknown`. */
  customerId(): string;
}

export function parseConfig(raw: unknown): PictureViewConfig | Fault {
  const { audience } = asFields(raw);
  if (audience !== 'customer' && audience !== 'staff') {
    return new Fault('config.invalid', 'audience wants customer or staff');
  }
  return { ledger: chosen(raw, 'ledger'), store: chosen(raw, 'store'), audience };
}

export function parseMessage(raw: unknown): PictureQuestion | Fault {
  return parsed(() => {
    const visitId = paramOf(raw, 'visit');
    if (visitId === '') throw incomplete('req.params.visit');
    return { visitId, name: paramOf(raw, 'name'), customerId: () => requiredCustomer(raw).id };
  });
}
