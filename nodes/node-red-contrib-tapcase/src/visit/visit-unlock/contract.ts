// What visit-unlock stores, and the hold that a visit must bring to be let in.

import { asFields, chosen, incomplete } from '@tapcase/define-node';
import { HELD, type IntentFacts, type Visit } from '@tapcase/domain';
import { requiredVisit } from '../../messages.ts';
import { intentOf } from '../../money/settle-record/contract.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface VisitUnlockConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): VisitUnlockConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

/** `message.incomplete` without a hold: only money that is really held opens a door. */
export function parseMessage(raw: unknown): { readonly visit: Visit; readonly hold: IntentFacts } {
  const hold = intentOf({ kind: 'hold' }, asFields(raw).stripe);
  if (hold === null || hold.status !== HELD) throw incomplete('stripe');
  return { visit: requiredVisit(raw), hold };
}
