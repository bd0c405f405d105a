// What customer-card stores, and how a message says whose card it is.

import { asFields, chosen, incomplete, parsed, readFields } from '@tapcase/define-node';
import { type Card, Fault } from '@tapcase/domain';
import { cardOf, customerOf } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export interface CardMessage {
  /** The signed-in customer; undefined when Stripe's webhook is the messenger. */
  readonly customerId: string | undefined;
  readonly stripeCustomer: string;
  /** undefined at the start of card set-up, when only Stripe's customer is known. */
  readonly card: Card | undefined;
}

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** `card.invalid`, `card.wrong-customer` when card and message name two, `message.incomplete`. */
export function parseMessage(raw: unknown): CardMessage | Fault {
  return parsed(() => {
    const card = cardOf(raw);
    const customerId = customerOf(raw)?.id;
    const told = asFields(asFields(raw).stripe).customer;
    const stripeCustomer =
      told === undefined
        ? card?.stripeCustomer
        : readFields({ customer: told }, 'card.invalid').text('customer', { max: 255 });
    if (stripeCustomer === undefined) throw incomplete('card');
    if (card === undefined && customerId === undefined) throw incomplete('customer');
    if (card !== undefined && card.stripeCustomer !== stripeCustomer) {
      throw new Fault('card.wrong-customer', "the card belongs to another of Stripe's customers");
    }
    return { customerId, stripeCustomer, card };
  });
}
