// What visit-unlock stores, and the hold that a visit must bring to be let in.
import type { Visit } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import { chosen, incomplete, requiredVisit } from '../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'ledger', required: true },
  shop: { value: '', type: 'shop', required: true },
} as const;

export interface VisitUnlockConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): VisitUnlockConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

export function parseMessage(raw: unknown): { readonly visit: Visit; readonly intent: string } {
  const { intent, status } = asFields(asFields(raw).stripe);
  // Only money that is really held opens a door.
  if (typeof intent !== 'string' || status !== 'requires_capture') throw incomplete('stripe');
  return { visit: requiredVisit(raw), intent };
}
