// What visit-collect stores, and the visit it looks up.

import { asFields, chosen } from '@tapcase/define-node';
import type { Visit } from '@tapcase/domain';
import { requiredVisit } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export interface CollectMessage {
  readonly visit: Visit;
  /** The sweep found its deadline passed: nothing more is waited for. */
  readonly overdue: boolean;
}

export function parseMessage(raw: unknown): CollectMessage {
  return { visit: requiredVisit(raw), overdue: asFields(raw).overdue === true };
}
