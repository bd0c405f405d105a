// Checkout in payment mode: what the page is to be paid for, and the one payment behind it.
import type Stripe from 'stripe';
import { checkAmount } from './amounts.ts';
import { idOf, put, type Standin } from './books.ts';
import { newPaymentIntent } from './objects/payment-intent.ts';
import { mergeMetadata, type Params } from './params.ts';
import type { PaymentFacts } from './payment-facts.ts';
import { badRequest } from './refusal.ts';

/** Stripe's own limit on a page's lines. */
const ITEMS_MAX = 100;

export function readPayment(params: Params): PaymentFacts {
  const { amount, currency } = readItems(params);
  checkAmount(amount, currency);
  const data = params.nested('payment_intent_data');
  return {
    amount,
    currency,
    description: data?.text('description') ?? null,
    metadata: mergeMetadata({}, data?.metadata() ?? {}),
    captureMethod: data?.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']) ?? 'automatic_async',
    receiptEmail: data?.text('receipt_email') ?? null,
    setupFutureUsage: data?.oneOf('setup_future_usage', ['on_session', 'off_session']) ?? null,
    statementDescriptorSuffix: data?.text('statement_descriptor_suffix') ?? null,
  };
}

/** Lines with a price of their own; the stand-in has no catalog to take prices from. */
function readItems(params: Params): { amount: number; currency: string } {
  const items = params.nested('line_items')?.items(ITEMS_MAX) ?? [];
  const lines = items.map((item) => {
    const price = item.nested('price_data');
    if (price === undefined) throw badRequest('Each line wants price_data.', { param: 'line_items' });
    price.nested('product_data')?.requiredText('name');
    const unit = price.requiredInteger('unit_amount');
    return { amount: unit * (item.integer('quantity') ?? 1), currency: price.requiredText('currency') };
  });
  const [first] = lines;
  if (first === undefined) {
    const code = 'parameter_missing';
    throw badRequest('Payment mode wants line items.', { code, param: 'line_items' });
  }
  if (lines.some(({ currency }) => currency !== first.currency)) {
    throw badRequest('All lines have one currency.', { param: 'line_items' });
  }
  return { amount: lines.reduce((sum, { amount }) => sum + amount, 0), currency: first.currency };
}

/** One payment for a page, however many cards are tried on it; made when the first one is. */
export function paymentOf(standin: Standin, session: Stripe.Checkout.Session): Stripe.PaymentIntent {
  const known = standin.books.paymentIntents.get(idOf(session.payment_intent) ?? '');
  if (known !== undefined) return known;
  const intent = newPaymentIntent(
    {
      ...standin.books.payments.get(session.id)!,
      customer: idOf(session.customer),
      automatic: null,
      allowedTypes: ['card'],
      cardOptions: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    standin.nowS(),
  );
  put(standin.books.paymentIntents, intent);
  session.payment_intent = intent.id;
  standin.books.sessions.touch(session.id);
  standin.emit('payment_intent.created', intent);
  return intent;
}
