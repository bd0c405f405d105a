// Checkout in payment mode: a page on which a customer who is there pays an amount, with a saved or another card.
import type Stripe from 'stripe';
import { checkAmount } from './amounts.ts';
import { idOf, put, type Standin } from './books.ts';
import type { TestCard } from './cards.ts';
import { addPaymentMethod, attach, findCustomer } from './customers.ts';
import { newPaymentIntent } from './objects/payment-intent.ts';
import { mergeMetadata, type Params } from './params.ts';
import { payPresent } from './payment-intents.ts';
import { badRequest } from './refusal.ts';

export interface PaymentFacts {
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
  readonly metadata: Stripe.Metadata;
  readonly setupFutureUsage: 'on_session' | 'off_session' | null;
}

/** The stand-in sells one thing at a time: the rest of a basket. */
export function readPayment(params: Params): PaymentFacts {
  const items = params.nested('line_items');
  const item = items?.nested('0');
  const price = item?.nested('price_data');
  if (item === undefined || price === undefined || items?.nested('1') !== undefined) {
    throw badRequest('Payment mode wants one line item with price_data.', {
      code: 'parameter_missing',
      param: 'line_items',
    });
  }
  const amount = price.requiredInteger('unit_amount') * (item.integer('quantity') ?? 1);
  const currency = price.requiredText('currency').toLowerCase();
  checkAmount(amount, currency);
  const description = price.nested('product_data')?.requiredText('name') ?? '';
  const data = params.nested('payment_intent_data');
  return {
    amount,
    currency,
    description,
    metadata: mergeMetadata({}, data?.metadata() ?? {}),
    setupFutureUsage: data?.oneOf('setup_future_usage', ['on_session', 'off_session']) ?? null,
  };
}

/** The customer pressed "Pay". A declined card leaves the page open; the payment made for it is in the books. */
export function payOnPage(standin: Standin, session: Stripe.Checkout.Session, card: TestCard): Stripe.PaymentIntent {
  const facts = standin.books.payments.get(session.id)!;
  const customer = idOf(session.customer);
  const intent = intentOf(standin, session, facts);
  const email = customer === null ? session.customer_email : findCustomer(standin, customer).email;
  const method = addPaymentMethod(standin, card, email);
  if (customer !== null && facts.setupFutureUsage !== null) attach(standin, method, customer);
  payPresent(standin, intent, method);
  Object.assign(session, { status: 'complete', url: null, payment_status: 'paid' });
  return intent;
}

/** One payment for a page, however many cards are tried on it. */
function intentOf(standin: Standin, session: Stripe.Checkout.Session, facts: PaymentFacts): Stripe.PaymentIntent {
  const known = standin.books.paymentIntents.get(idOf(session.payment_intent) ?? '');
  if (known !== undefined) return known;
  const intent = newPaymentIntent(
    {
      ...facts,
      customer: idOf(session.customer),
      captureMethod: 'automatic_async',
      automatic: null,
      allowedTypes: ['card'],
      cardOptions: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
      receiptEmail: null,
      statementDescriptorSuffix: null,
    },
    standin.nowS(),
  );
  put(standin.books.paymentIntents, intent);
  session.payment_intent = intent.id;
  standin.emit('payment_intent.created', intent);
  return intent;
}
