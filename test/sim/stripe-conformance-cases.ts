// The questions of the conformance suite: what the shop's money rests on, and what no document answers.
import type Stripe from 'stripe';
import { type Case, outcome } from './stripe-conformance.ts';
import { AMOUNT_CASES } from './stripe-conformance-amounts.ts';
import { HOLD_CASES } from './stripe-conformance-holds.ts';
import { NAMED_CASES } from './stripe-conformance-named.ts';
import { PARAM_CASES } from './stripe-conformance-params.ts';
import { REFUND_CASES } from './stripe-conformance-refunds.ts';

const REFUSED = { statusCode: 400, type: 'invalid_request_error' } as const;
const DECLINED = { statusCode: 402, type: 'card_error', intent: 'requires_payment_method' } as const;

const statusOf = ({ status }: { status: string | null }) => ({ status });

const CREATION_CASES: readonly Case[] = [
  {
    title: 'payment_method_types, which went with this version',
    expected: { ...REFUSED, code: 'payment_method_types_no_longer_supported', param: 'payment_method_types' },
    observe: ({ hold }) => outcome(hold({ payment_method_types: ['card'] } as object), statusOf),
  },
  {
    title: 'automatic methods and a list of methods',
    expected: { ...REFUSED, param: 'allowed_payment_method_types' },
    isOpen: true,
    observe: ({ hold }) => outcome(hold({ allowed_payment_method_types: ['card'] }), statusOf),
  },
  {
    title: 'automatic methods with redirects and nowhere to return to',
    expected: { ...REFUSED, param: 'return_url' },
    isOpen: true,
    observe: ({ hold }) => outcome(hold({ automatic_payment_methods: { enabled: true } }), statusOf),
  },
  {
    title: 'an address to return to, though redirects are not allowed',
    expected: { status: 'requires_capture' },
    isOpen: true,
    observe: ({ hold }) => outcome(hold({ return_url: 'https://shop.example/back' }), statusOf),
  },
  {
    title: 'a card that asks for its holder at the door, with redirects not allowed',
    expected: { status: 'requires_action', next: 'use_stripe_sdk', charge: null },
    observe: ({ hold }) =>
      outcome(hold({ payment_method: 'pm_card_authenticationRequired' }), (intent) => {
        return { status: intent.status, next: intent.next_action?.type, charge: intent.latest_charge };
      }),
  },
  {
    title: 'a card of which Stripe’s rules want 3-D Secure, at the door',
    expected: { status: 'requires_action', next: 'use_stripe_sdk', charge: null },
    observe: ({ hold }) =>
      outcome(hold({ payment_method: 'pm_card_threeDSecure2Required' }), (intent) => {
        return { status: intent.status, next: intent.next_action?.type, charge: intent.latest_charge };
      }),
  },
  {
    title: 'a card that asks for its holder while nobody is there',
    expected: { ...DECLINED, code: 'authentication_required', decline: 'authentication_required' },
    observe: async ({ stripe, hold, customer }) => {
      const id = await customer();
      const card = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer: id });
      const away = { capture_method: 'automatic', off_session: true, customer: id, payment_method: card.id } as const;
      return outcome(hold(away), statusOf);
    },
  },
  {
    title: 'a parameter that does not exist',
    expected: { ...REFUSED, code: 'parameter_unknown', param: 'amout' },
    observe: ({ hold }) => outcome(hold({ amout: 1 } as object), statusOf),
  },
  {
    title: 'an amount below the least charge',
    expected: { ...REFUSED, code: 'amount_too_small' },
    observe: ({ hold }) => outcome(hold({ amount: 10 }), statusOf).then(({ param: _, ...seen }) => seen),
  },
  {
    title: 'an amount of nine digits',
    expected: { ...REFUSED, code: 'amount_too_large' },
    observe: ({ hold }) => outcome(hold({ amount: 100_000_000 }), statusOf).then(({ param: _, ...seen }) => seen),
  },
  {
    title: 'a payment that does not exist',
    expected: { statusCode: 404, type: 'invalid_request_error', code: 'resource_missing', param: 'intent' },
    observe: ({ stripe }) => outcome(stripe.paymentIntents.retrieve('pi_doesNotExist'), statusOf),
  },
];

const CARD_CASES: readonly Case[] = (
  [
    ['pm_card_visa_chargeDeclined', { code: 'card_declined', decline: 'generic_decline' }],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', { code: 'card_declined', decline: 'insufficient_funds' }],
    ['pm_card_visa_chargeDeclinedLostCard', { code: 'card_declined', decline: 'lost_card' }],
    ['pm_card_visa_chargeDeclinedStolenCard', { code: 'card_declined', decline: 'stolen_card' }],
    ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', { code: 'card_declined', decline: 'card_velocity_exceeded' }],
    ['pm_card_chargeDeclinedExpiredCard', { code: 'expired_card' }],
    ['pm_card_chargeDeclinedIncorrectCvc', { code: 'incorrect_cvc' }],
    ['pm_card_chargeDeclinedProcessingError', { code: 'processing_error' }],
    ['pm_card_radarBlock', { code: 'card_declined', decline: 'fraudulent' }],
  ] as const
).map(([magic, codes]) => ({
  title: `a payment with ${magic}`,
  expected: { ...DECLINED, ...codes },
  observe: ({ hold }) =>
    // Which field of a card form was wrong means nothing without a form.
    outcome(hold({ payment_method: magic }), statusOf).then(({ param: _, ...seen }) => seen),
}));

const KEEPING_CASES: readonly Case[] = [
  {
    title: 'a card that is declined when it is kept',
    expected: { statusCode: 402, type: 'card_error', code: 'card_declined', decline: 'generic_decline' },
    observe: async ({ stripe, customer }) => {
      const id = await customer();
      return outcome(stripe.paymentMethods.attach('pm_card_visa_chargeDeclined', { customer: id }), ({ type }) => ({
        type,
      }));
    },
  },
  {
    title: 'a card without funds is kept',
    expected: { type: 'card' },
    deviation: 'Stripe refuses to keep it; the stand-in does, so that the decline is heard at the door',
    observe: async ({ stripe, customer }) => {
      const id = await customer();
      const magic = 'pm_card_visa_chargeDeclinedInsufficientFunds';
      return outcome(stripe.paymentMethods.attach(magic, { customer: id }), ({ type }) => ({ type }));
    },
  },
  {
    title: 'a card that is kept and then declines',
    expected: { ...DECLINED, code: 'card_declined', decline: 'generic_decline' },
    observe: async ({ stripe, hold, customer }) => {
      const id = await customer();
      const card = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: id });
      return outcome(hold({ customer: id, payment_method: card.id }), statusOf);
    },
  },
];

const KEY_CASES: readonly Case[] = [
  {
    title: 'the same call under the same key',
    expected: { isSame: true, replayed: 'true' },
    observe: async ({ stripe, run }) => {
      const create = () => stripe.customers.create({ metadata: { run } }, { idempotencyKey: `${run}:same` });
      const [first, second] = [await create(), await create()];
      return { isSame: first.id === second.id, replayed: second.lastResponse.headers['idempotent-replayed'] };
    },
  },
  {
    title: 'other parameters under the same key',
    expected: { statusCode: 400, type: 'idempotency_error' },
    observe: async ({ stripe, run }) => {
      const create = (email: string) => stripe.customers.create({ email }, { idempotencyKey: `${run}:params` });
      await create('a@example.com');
      return outcome(create('b@example.com'), ({ id }) => ({ id }));
    },
  },
  {
    title: 'another endpoint under the same key',
    expected: { statusCode: 400, type: 'idempotency_error' },
    observe: async ({ stripe, run, hold }) => {
      const { id } = await hold();
      const key = { idempotencyKey: `${run}:endpoint` };
      await stripe.paymentIntents.capture(id, {}, key);
      return outcome(stripe.paymentIntents.cancel(id, {}, key), statusOf);
    },
  },
  {
    title: 'a decline under the same key',
    expected: { code: 'card_declined', isSame: true, replayed: 'true' },
    observe: async ({ stripe, run }) => {
      const request = { amount: 500, currency: 'usd', confirm: true, payment_method: 'pm_card_visa_chargeDeclined' };
      const methods = { automatic_payment_methods: { enabled: true, allow_redirects: 'never' } } as const;
      const create = () =>
        stripe.paymentIntents.create({ ...request, ...methods }, { idempotencyKey: `${run}:declined` }).then(
          () => undefined,
          (error: Stripe.errors.StripeError) => error,
        );
      const [first, second] = [await create(), await create()];
      const isSame = first?.payment_intent?.id === second?.payment_intent?.id;
      return { code: second?.code, isSame, replayed: second?.headers?.['idempotent-replayed'] };
    },
  },
];

export const CASES: readonly Case[] = [
  ...HOLD_CASES,
  ...CREATION_CASES,
  ...CARD_CASES,
  ...KEEPING_CASES,
  ...KEY_CASES,
  ...REFUND_CASES,
  ...AMOUNT_CASES,
  ...NAMED_CASES,
  ...PARAM_CASES,
];
