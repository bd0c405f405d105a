// Stripe's own page on which a customer pays an amount, being there: 3-D Secure and another card are possible.

import { type Card, Fault } from '@tapcase/domain';
import type Stripe from 'stripe';
import { orFault } from './answers.ts';
import { cardFrom } from './card.ts';
import type { PayPage, PayPageOrder, StripeAccount } from './contract.ts';
import { isStripeError } from './faults.ts';
import { idOf, toIntent } from './objects.ts';

type PayPages = Pick<StripeAccount, 'openPayPage' | 'payPage' | 'closePayPage'>;

export function payPages(stripe: Stripe): PayPages {
  return {
    openPayPage: (order) => orFault(() => open(stripe, order)),
    payPage: (session) => orFault(() => look(stripe, session)),
    closePayPage: (session) =>
      orFault(async () => {
        try {
          await stripe.checkout.sessions.expire(session);
        } catch (thrown) {
          // Paid or closed meanwhile: the look tells which.
          if (!isStripeError(thrown) || thrown.type !== 'StripeInvalidRequestError') throw thrown;
        }
        return look(stripe, session);
      }),
  };
}

async function open(stripe: Stripe, order: PayPageOrder): Promise<{ session: string; url: string }> {
  const { amountMinor, currency, description, metadata, idempotencyKey } = order;
  const { id, url } = await stripe.checkout.sessions.create(
    {
      mode: 'payment',
      customer: order.customer,
      line_items: [
        { quantity: 1, price_data: { currency, unit_amount: amountMinor, product_data: { name: description } } },
      ],
      allowed_payment_method_types: ['card'],
      // The card that works is the one to use from now on.
      payment_intent_data: { metadata: { ...metadata }, setup_future_usage: 'off_session' },
      success_url: order.successUrl,
      cancel_url: order.cancelUrl,
      locale: order.locale as Stripe.Checkout.SessionCreateParams.Locale,
      expires_at: Math.floor(order.expiresAtMs / 1_000),
      metadata: { ...metadata },
    },
    { idempotencyKey },
  );
  if (url === null) throw new Fault('stripe.refused-request', 'Stripe gave a pay page without an address');
  return { session: id, url };
}

async function look(stripe: Stripe, id: string): Promise<PayPage> {
  const expand = ['payment_intent.payment_method', 'payment_intent.latest_charge'];
  const session = await stripe.checkout.sessions.retrieve(id, { expand });
  const customer = idOf(session.customer);
  const payment = session.payment_intent;
  const intent = payment === null || typeof payment === 'string' ? null : payment;
  const isPaid = session.status === 'complete' && intent?.status === 'succeeded';
  return {
    session: id,
    state: isPaid ? 'paid' : session.status === 'expired' ? 'closed' : 'open',
    customer,
    intent: intent === null ? null : toIntent(intent),
    card: isPaid && customer !== null ? cardOf(intent, customer) : null,
  };
}

function cardOf({ payment_method: method }: Stripe.PaymentIntent, stripeCustomer: string): Card | null {
  if (method === null || typeof method === 'string' || method.card === undefined) return null;
  return cardFrom(method.id, method.card, stripeCustomer);
}
