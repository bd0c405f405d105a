// Remembers which of Stripe's customers a customer is, and the card that was stored there.
import { defineNode } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { Customer, Ledger } from '@tapcase/ledger';
import { type CardMessage, defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'customer-card',
  outputs: ['stored'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async (message) => {
      const known = await whose(message, ledger);
      const { stripeCustomer, card } = message;
      // A card set up in somebody else's Checkout must never be charged for this customer's cola.
      if (known.stripeCustomer !== null && known.stripeCustomer !== stripeCustomer) {
        throw new Fault('card.wrong-customer', "the card belongs to another of Stripe's customers");
      }
      if (known.stripeCustomer === null) await ledger.setStripeCustomer(known.id, stripeCustomer);
      if (card !== undefined) await ledger.setCard(known.id, card, node.now());
      const customer: Customer = { ...known, stripeCustomer, card: card ?? known.card };
      return { to: 'stored', add: { customer }, status: card === undefined ? 'customer stored' : 'card stored' };
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
