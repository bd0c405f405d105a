// What tapcase-debt stores, and whose debt a request is about.
import { contract, parsed } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { Customer } from '@tapcase/ledger';
import { paramOf, requiredCustomer } from '../../messages.ts';

export const debt = contract({
  type: 'tapcase-debt',
  category: 'tapcase',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-external-link-square',
  inputs: 1,
  outputs: ['open', 'look', 'none', 'busy'],
  properties: {
    // `return`: the customer comes back from the page, so it is only looked at.
    step: { kind: 'choice', of: ['start', 'return'], default: 'start', icon: 'step-forward' },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    // Knows where phones reach it.
    shop: { kind: 'ref', to: 'tapcase-shop', required: true, icon: 'shopping-basket' },
  },
});

export interface DebtRequest {
  readonly visitId: string;
  readonly customer: Customer;
}

/** `customer.unknown` when nobody is signed in. */
export function parseMessage(raw: unknown): DebtRequest | Fault {
  return parsed(() => ({ visitId: paramOf(raw, 'visit'), customer: requiredCustomer(raw) }));
}
