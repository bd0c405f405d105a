// What visit-refuse stores, and the refusal that a visit brings.
import type { Visit } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import { chosen, requiredVisit } from '../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'ledger', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): { readonly visit: Visit; readonly code: string } {
  const { code } = asFields(asFields(raw).stripe);
  return { visit: requiredVisit(raw), code: typeof code === 'string' ? code.slice(0, 60) : 'declined' };
}
