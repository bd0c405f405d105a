// What tapcase-visit-open stores, and what a phone must send to open a visit.
import { contract, parsed } from '@tapcase/define-node';
import type { Fault, Language } from '@tapcase/domain';
import type { Customer } from '@tapcase/ledger';
import { paramOf, readBody, requiredCustomer } from '../../messages.ts';

export const visitOpen = contract({
  type: 'tapcase-visit-open',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-sign-in',
  inputs: 1,
  outputs: ['hold', 'same-visit', 'refused'],
  properties: {
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    shop: { kind: 'ref', to: 'tapcase-shop', required: true, icon: 'shopping-basket' },
  },
});

/** Made by the phone once per tap. */
const REQUEST_ID = /^[A-Za-z0-9-]{8,64}$/;

export interface Tap {
  readonly customer: Customer;
  /** As the request names it; the shop may have none. */
  readonly caseId: string;
  readonly requestId: string;
  readonly language: Language;
}

/** `customer.unknown`, `request.not-json` or `request.invalid`. */
export function parseMessage(raw: unknown): Tap | Fault {
  return parsed(() => {
    const customer = requiredCustomer(raw);
    const body = readBody(raw);
    return {
      customer,
      caseId: paramOf(raw, 'case'),
      requestId: body.text('requestId', { max: 64, pattern: REQUEST_ID }),
      language: body.oneOf('language', ['en', 'es']),
    };
  });
}
