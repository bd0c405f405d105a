// Remembers which of Stripe's customers a customer is, and the card that was stored there: a finished page and an event say the
// same thing.
import { asFields, incomplete, parsed, part, readFields, says } from '@tapcase/define-node';
import { type Card, Fault } from '@tapcase/domain';
import type { Customer, Ledger } from '@tapcase/ledger';
import { cardOf, customerOf } from '../../messages.ts';
import type { EventConfig, EventOutput } from './contract.ts';

interface CardMessage {
  /** The signed-in customer; undefined when Stripe's webhook is the messenger. */
  readonly customerId: string | undefined;
  readonly stripeCustomer: string;
  /** undefined at the start of card set-up, when only Stripe's customer is known. */
  readonly card: Card | undefined;
}

export const card = part<EventConfig, CardMessage, EventOutput>({
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async (message) => {
      const known = await whose(message, ledger);
      const { stripeCustomer, card: stored } = message;
      // A card set up in somebody else's Checkout must never be charged for this customer's cola.
      if (known.stripeCustomer !== null && known.stripeCustomer !== stripeCustomer) {
        throw new Fault('card.wrong-customer', "the card belongs to another of Stripe's customers");
      }
      if (known.stripeCustomer === null) await ledger.setStripeCustomer(known.id, stripeCustomer);
      if (stored !== undefined) await ledger.setCard(known.id, stored, node.now());
      const customer: Customer = { ...known, stripeCustomer, card: stored ?? known.card };
      return { to: 'card', add: { customer }, status: says(stored === undefined ? 'customer stored' : 'card stored') };
    };
  },
});

async function whose({ customerId, stripeCustomer }: CardMessage, ledger: Ledger): Promise<Customer> {
  const customer =
    customerId === undefined
      ? await ledger.customerByStripeCustomer(stripeCustomer)
      : await ledger.customer(customerId);
  if (customer === undefined) throw new Fault('customer.unknown', 'no customer has this card');
  return customer;
}

/** `card.invalid`, `card.wrong-customer` when card and message name two, `message.incomplete`. */
function parseMessage(raw: unknown): CardMessage | Fault {
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
