// What case-check stores, and which case a request names.
import { chosen } from '@tapcase/define-node';
import { paramOf } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface CaseCheckConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): CaseCheckConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

export function parseMessage(raw: unknown): { readonly caseId: string } {
  return { caseId: paramOf(raw, 'case') };
}
