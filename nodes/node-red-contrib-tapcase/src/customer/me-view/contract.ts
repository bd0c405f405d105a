// What me-view stores; the customer, if there is one, was put on the message by tapcase-customer.

import { chosen } from '@tapcase/define-node';
import type { Customer } from '@tapcase/ledger';
import { customerOf } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  vapid: { value: '', type: 'vapid', required: true },
} as const;

export interface MeViewConfig {
  readonly ledger: string;
  readonly vapid: string;
}

export function parseConfig(raw: unknown): MeViewConfig {
  return { ledger: chosen(raw, 'ledger'), vapid: chosen(raw, 'vapid') };
}

export function parseMessage(raw: unknown): { readonly customer: Customer | undefined } {
  return { customer: customerOf(raw) };
}
