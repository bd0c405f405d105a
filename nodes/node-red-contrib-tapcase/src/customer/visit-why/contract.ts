// What visit-why stores, and which visit staff ask about.

import { chosen, incomplete, parsed } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import { paramOf } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface VisitWhyConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): VisitWhyConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

/** The `:visit` of the request's path; `message.incomplete` where there is none. */
export function parseMessage(raw: unknown): { readonly visitId: string } | Fault {
  return parsed(() => {
    const visitId = paramOf(raw, 'visit');
    if (visitId === '') throw incomplete('req.params.visit');
    return { visitId };
  });
}
