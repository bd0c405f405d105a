// What settle-plan stores, and what a visit brings to be settled.

import { asFields, chosen } from '@tapcase/define-node';
import type { Basket, Visit } from '@tapcase/domain';
import { requiredVisit } from '../../messages.ts';
import { basketOf } from '../../visit/price/contract.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export interface PlanRequest {
  readonly visit: Visit;
  readonly basket: Basket | undefined;
  /** weight-reconcile wants a person to look, whatever is charged. */
  readonly asksPerson: boolean;
}

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): PlanRequest {
  return { visit: requiredVisit(raw), basket: basketOf(raw), asksPerson: asFields(raw).asksPerson === true };
}
