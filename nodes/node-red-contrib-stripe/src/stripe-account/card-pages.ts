// Stripe's own page on which a customer's card is saved, with the customer it is saved for.
import { type Card, Fault } from '@tapcase/domain';
import type Stripe from 'stripe';
import { orFault } from './answers.ts';
import { cardFrom } from './card.ts';
import type { CardSetupOrder, StripeAccount } from './contract.ts';
import { isStripeError } from './faults.ts';
import { idOf } from './objects.ts';

type CardPages = Pick<StripeAccount, 'createCustomer' | 'openCardSetup' | 'cardFromSetup' | 'closeCardSetup'>;

export function cardPages(stripe: Stripe): CardPages {
  return {
    createCustomer: async ({ idempotencyKey, email, metadata }) => {
      const { id } = await orFault(() =>
        stripe.customers.create({ email, metadata: { ...metadata } }, { idempotencyKey }),
      );
      return id;
    },
    openCardSetup: (order) => orFault(() => open(stripe, order)),
    cardFromSetup: (session, customer) => orFault(() => cardOn(stripe, session, customer)),
    closeCardSetup: (session, customer) => orFault(() => close(stripe, session, customer)),
  };
}

async function open(stripe: Stripe, order: CardSetupOrder): Promise<{ session: string; url: string }> {
  // No key of our own: a page too many costs nothing and expires, while a key would give an old, used page again.
  const { id, url } = await stripe.checkout.sessions.create({
    mode: 'setup',
    customer: order.customer,
    currency: order.currency,
    // A hold needs a card; wallets give one too.
    allowed_payment_method_types: ['card'],
    success_url: order.successUrl,
    cancel_url: order.cancelUrl,
    locale: order.locale,
    metadata: { ...order.metadata },
    setup_intent_data: { metadata: { ...order.metadata } },
  });
  if (url === null) throw new Fault('stripe.refused-request', 'Stripe gave a card page without an address');
  return { session: id, url };
}

async function cardOn(stripe: Stripe, id: string, customer: string): Promise<Card | undefined> {
  // The id comes from a browser's address bar: it may be anybody's, or none, and nobody is told which.
  const session = await stripe.checkout.sessions
    .retrieve(id, { expand: ['setup_intent.payment_method'] })
    .catch(noneIfMissing);
  if (session === undefined || idOf(session.customer) !== customer) {
    throw new Fault('stripe.foreign-session', 'this card page belongs to another customer, or there is none');
  }
  const setup = session.setup_intent;
  if (session.status !== 'complete' || setup === null || typeof setup === 'string' || setup.status !== 'succeeded') {
    return undefined;
  }
  const method = setup.payment_method;
  if (method === null || typeof method === 'string' || method.card === undefined) return undefined;
  return cardFrom(method.id, method.card, customer);
}

async function close(stripe: Stripe, id: string, customer: string): Promise<Card | undefined> {
  // Whose it is comes first: nobody closes another customer's page.
  const card = await cardOn(stripe, id, customer);
  if (card !== undefined) return card;
  try {
    await stripe.checkout.sessions.expire(id);
    return undefined;
  } catch (thrown) {
    // Finished or closed meanwhile: another look tells which.
    if (!isStripeError(thrown) || thrown.type !== 'StripeInvalidRequestError') throw thrown;
    return cardOn(stripe, id, customer);
  }
}

function noneIfMissing(thrown: unknown): undefined {
  if (isStripeError(thrown) && thrown.code === 'resource_missing') return undefined;
  throw thrown;
}
