// What visit-collect stores, and the visit it looks up.
import type { Visit } from '@tapcase/domain';
import { chosen, requiredVisit } from '../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'ledger', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): { readonly visit: Visit } {
  return { visit: requiredVisit(raw) };
}
