// What debt-pay stores, and whose debt a request is about.

import { asFields, chosen, parsed } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { Customer } from '@tapcase/ledger';
import { paramOf, requiredCustomer } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
  step: { value: 'start', required: true },
} as const;

export interface DebtPayConfig {
  readonly ledger: string;
  /** Knows where phones reach it. */
  readonly shop: string;
  /** `return`: the customer comes back from the page, so it is only looked at. */
  readonly step: 'start' | 'return';
}

export interface DebtRequest {
  readonly visitId: string;
  readonly customer: Customer;
}

export function parseConfig(raw: unknown): DebtPayConfig | Fault {
  const { step } = asFields(raw);
  if (step !== 'start' && step !== 'return') {
    return new Fault('config.invalid', 'step: wants start or return', { where: 'step' });
  }
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop'), step };
}

/** `customer.unknown` when nobody is signed in. */
export function parseMessage(raw: unknown): DebtRequest | Fault {
  return parsed(() => ({ visitId: paramOf(raw, 'visit'), customer: requiredCustomer(raw) }));
}
