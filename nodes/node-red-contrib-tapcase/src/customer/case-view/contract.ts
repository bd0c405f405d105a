// What case-view stores, and which case a request asks about.
import { chosen } from '@tapcase/define-node';
import { paramOf } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface CaseViewConfig {
  readonly ledger: string;
  readonly shop: string;
}

export function parseConfig(raw: unknown): CaseViewConfig {
  return { ledger: chosen(raw, 'ledger'), shop: chosen(raw, 'shop') };
}

/** The `:case` of the request's path; one that is no case ends as `case.unknown`. */
export function parseMessage(raw: unknown): { readonly caseId: string } {
  return { caseId: paramOf(raw, 'case') };
}
