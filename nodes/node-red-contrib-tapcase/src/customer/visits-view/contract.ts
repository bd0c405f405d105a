// What visits-view stores, and who asks for their visits.

import { chosen, parsed } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import { requiredCustomer } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface VisitsViewConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): VisitsViewConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

/** `customer.unknown` when nobody is signed in. */
export function parseMessage(raw: unknown): { readonly customerId: string } | Fault {
  return parsed(() => ({ customerId: requiredCustomer(raw).id }));
}
