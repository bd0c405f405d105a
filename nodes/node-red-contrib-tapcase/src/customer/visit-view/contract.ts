// What visit-view stores, and which visit a request asks about.

import { asFields, chosen, parsed } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import { paramOf, requiredCustomer } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface VisitViewConfig {
  readonly ledger: string;
  readonly shop: string;
}

export interface VisitRequest {
  readonly visitId: string;
  readonly customerId: string;
}

export function parseConfig(raw: unknown): VisitViewConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

/** `msg.visit`, else the `:visit` of the request's path, and who asks; `customer.unknown` when nobody is signed in. */
export function parseMessage(raw: unknown): VisitRequest | Fault {
  return parsed(() => {
    const { id } = asFields(asFields(raw).visit);
    return { visitId: typeof id === 'string' ? id : paramOf(raw, 'visit'), customerId: requiredCustomer(raw).id };
  });
}
