// The conformance suite's questions about what a parameter names and Stripe does not have: a bad question (400), not a wrong
// address (404).
import { type Case, outcome } from './stripe-conformance.ts';

const MISSING = { statusCode: 400, type: 'invalid_request_error', code: 'resource_missing' } as const;
const idOf = ({ id }: { id: string }) => ({ id });
const countOf = ({ data }: { data: readonly unknown[] }) => ({ data: data.length });

export const NAMED_CASES: readonly Case[] = [
  {
    title: 'a payment of a customer who does not exist',
    expected: { ...MISSING, param: 'customer' },
    observe: ({ hold }) => outcome(hold({ customer: 'cus_doesNotExist' }), idOf),
  },
  {
    title: 'a payment with a card that does not exist',
    expected: { ...MISSING, param: 'payment_method' },
    observe: ({ hold }) => outcome(hold({ payment_method: 'pm_doesNotExist' }), idOf),
  },
  {
    title: 'a payment that is confirmed with a card that does not exist',
    expected: { ...MISSING, param: 'payment_method' },
    observe: async ({ stripe }) => {
      const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
      return outcome(stripe.paymentIntents.confirm(id, { payment_method: 'pm_doesNotExist' }), idOf);
    },
  },
  {
    title: 'a card for a customer who does not exist',
    expected: { ...MISSING, param: 'customer' },
    observe: ({ stripe }) =>
      outcome(stripe.paymentMethods.attach('pm_card_visa', { customer: 'cus_doesNotExist' }), idOf),
  },
  {
    title: 'a customer’s first card that does not exist',
    expected: { ...MISSING, param: 'invoice_settings[default_payment_method]' },
    observe: async ({ stripe, customer }) => {
      const settings = { invoice_settings: { default_payment_method: 'pm_doesNotExist' } };
      return outcome(stripe.customers.update(await customer(), settings), idOf);
    },
  },
  {
    title: 'a page for a customer who does not exist',
    expected: { ...MISSING, param: 'customer' },
    observe: ({ stripe }) => {
      const page = { mode: 'setup', currency: 'usd', success_url: 'https://shop.example/' } as const;
      return outcome(stripe.checkout.sessions.create({ ...page, customer: 'cus_doesNotExist' }), idOf);
    },
  },
  {
    title: 'a refund of a payment that does not exist',
    expected: { ...MISSING, param: 'payment_intent' },
    observe: ({ stripe }) => outcome(stripe.refunds.create({ payment_intent: 'pi_doesNotExist' }), idOf),
  },
  {
    title: 'a refund of a charge that does not exist',
    expected: { ...MISSING, param: 'charge' },
    observe: ({ stripe }) => outcome(stripe.refunds.create({ charge: 'ch_doesNotExist' }), idOf),
  },
  {
    title: 'the payments of a customer who does not exist',
    expected: { ...MISSING, param: 'customer' },
    isOpen: true,
    observe: ({ stripe }) => outcome(stripe.paymentIntents.list({ customer: 'cus_doesNotExist' }), countOf),
  },
  {
    title: 'the cards of a customer who does not exist',
    expected: { ...MISSING, param: 'customer' },
    isOpen: true,
    observe: ({ stripe }) => outcome(stripe.paymentMethods.list({ customer: 'cus_doesNotExist' }), countOf),
  },
  {
    title: 'a customer who does not exist, at its own address',
    expected: { ...MISSING, statusCode: 404, param: 'id' },
    observe: ({ stripe }) => outcome(stripe.customers.retrieve('cus_doesNotExist'), idOf),
  },
];
