// What tapcase-price stores, and the basket that a price is wanted for.
import { asFields, contract } from '@tapcase/define-node';
import type { Basket, Visit } from '@tapcase/domain';
import { requiredVisit } from '../../messages.ts';

export const price = contract({
  type: 'tapcase-price',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-tags',
  inputs: 1,
  outputs: ['priced'],
  properties: {
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
  },
});

export interface PriceRequest {
  readonly visit: Visit;
  /** undefined: a visit of which nothing was weighed, or that is further on. */
  readonly basket: Basket | undefined;
}

/** `message.incomplete` without a visit. */
export function parseMessage(raw: unknown): PriceRequest {
  return { visit: requiredVisit(raw), basket: basketOf(raw) };
}

export function basketOf(raw: unknown): Basket | undefined {
  const { basket } = asFields(raw);
  return Array.isArray(asFields(basket).lines) ? (basket as Basket) : undefined;
}
