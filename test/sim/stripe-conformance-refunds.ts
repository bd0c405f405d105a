// The conformance suite's questions about refunds, payment pages and lists.
import { type Case, outcome } from './stripe-conformance.ts';

const REFUSED = { statusCode: 400, type: 'invalid_request_error' } as const;
const statusOf = ({ status }: { status: string | null }) => ({ status });

export const REFUND_CASES: readonly Case[] = [
  {
    title: 'a refund above what is left',
    expected: { ...REFUSED, param: 'amount' },
    observe: async ({ stripe, paid }) => {
      const { id: payment_intent } = await paid();
      await stripe.refunds.create({ payment_intent, amount: 200 });
      return outcome(stripe.refunds.create({ payment_intent, amount: 301 }), statusOf);
    },
  },
  {
    title: 'a refund after everything was given back',
    expected: { ...REFUSED, code: 'charge_already_refunded' },
    observe: async ({ stripe, paid }) => {
      const { id: payment_intent } = await paid();
      await stripe.refunds.create({ payment_intent });
      return outcome(stripe.refunds.create({ payment_intent }), statusOf);
    },
  },
  {
    title: 'a refund of nothing',
    expected: { ...REFUSED, code: 'parameter_invalid_integer', param: 'amount' },
    isOpen: true,
    observe: async ({ stripe, paid }) => {
      const { id: payment_intent } = await paid();
      return outcome(stripe.refunds.create({ payment_intent, amount: 0 }), statusOf);
    },
  },
  {
    title: 'a refund of a hold',
    expected: { ...REFUSED, param: 'payment_intent' },
    isOpen: true,
    observe: async ({ stripe, hold }) => {
      const { id: payment_intent } = await hold();
      return outcome(stripe.refunds.create({ payment_intent }), statusOf);
    },
  },
  {
    title: 'a refund of a payment that was cancelled',
    expected: { ...REFUSED, param: 'payment_intent' },
    observe: async ({ stripe, hold }) => {
      const { id: payment_intent } = await hold();
      await stripe.paymentIntents.cancel(payment_intent);
      return outcome(stripe.refunds.create({ payment_intent }), statusOf);
    },
  },
  {
    title: 'a refund that takes a while',
    expected: { status: 'pending' },
    observe: async ({ stripe, paid }) => {
      const { id: payment_intent } = await paid('pm_card_pendingRefund');
      return outcome(stripe.refunds.create({ payment_intent }), statusOf);
    },
  },
  {
    title: 'a refund that will fail says at first',
    expected: { status: 'succeeded' },
    observe: async ({ stripe, paid }) => {
      const { id: payment_intent } = await paid('pm_card_refundFail');
      return outcome(stripe.refunds.create({ payment_intent }), statusOf);
    },
  },
  {
    title: 'a payment page, and one that is closed twice',
    expected: {
      opened: { status: 'open', payment_status: 'unpaid', payment_intent: null, amount_total: 320 },
      closed: 'expired',
      again: REFUSED,
    },
    observe: async ({ stripe }) => {
      const product_data = { name: 'What is owed' };
      const { id, status, payment_status, payment_intent, amount_total } = await stripe.checkout.sessions.create({
        mode: 'payment',
        success_url: 'https://shop.example/?cs={CHECKOUT_SESSION_ID}',
        line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 320, product_data } }],
        allowed_payment_method_types: ['card'],
      });
      const closed = (await stripe.checkout.sessions.expire(id)).status;
      const { code: _, ...again } = await outcome(stripe.checkout.sessions.expire(id), statusOf);
      return { opened: { status, payment_status, payment_intent, amount_total }, closed, again };
    },
  },
  {
    title: 'a page that keeps a card',
    expected: { status: 'open', payment_status: 'no_payment_required', setup: 'requires_payment_method' },
    observe: async ({ stripe, customer }) => {
      const { status, payment_status, setup_intent } = await stripe.checkout.sessions.create({
        mode: 'setup',
        currency: 'usd',
        customer: await customer(),
        success_url: 'https://shop.example/',
      });
      return { status, payment_status, setup: (await stripe.setupIntents.retrieve(setup_intent as string)).status };
    },
  },
  {
    title: 'a list that goes on after an unknown payment',
    expected: { ...REFUSED, code: 'resource_missing', param: 'starting_after' },
    observe: ({ stripe }) =>
      outcome(stripe.paymentIntents.list({ starting_after: 'pi_doesNotExist' }), ({ data }) => ({ data: data.length })),
  },
  {
    title: 'a list of more than a hundred',
    expected: { ...REFUSED, param: 'limit' },
    isOpen: true,
    observe: ({ stripe }) =>
      outcome(stripe.paymentIntents.list({ limit: 101 }), ({ data }) => ({ data: data.length })).then(
        ({ code: _, ...seen }) => seen,
      ),
  },
];
