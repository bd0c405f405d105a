// What visit-open stores, and what a phone must send to open a visit.

import { asFields, chosen, incomplete } from '@tapcase/define-node';
import type { Language } from '@tapcase/domain';
import type { Customer } from '@tapcase/ledger';
import { readBody, requiredCustomer } from '../../messages.ts';
import type { ShopCase } from '../../shop/shop/contract.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

/** Made by the phone once per tap. */
const REQUEST_ID = /^[A-Za-z0-9-]{8,64}$/;

export interface OpenRequest {
  readonly customer: Customer;
  readonly case: ShopCase;
  readonly requestId: string;
  readonly language: Language;
}

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): OpenRequest {
  const customer = requiredCustomer(raw);
  const { case: found } = asFields(raw);
  if (typeof asFields(found).id !== 'string') throw incomplete('case');
  const body = readBody(raw);
  return {
    customer,
    case: found as ShopCase,
    requestId: body.text('requestId', { max: 64, pattern: REQUEST_ID }),
    language: body.oneOf('language', ['en', 'es']),
  };
}
