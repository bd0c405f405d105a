// The conformance suite's questions about holds: captured, let go, raised, changed, expired.
import type Stripe from 'stripe';
import { type Case, outcome } from './stripe-conformance.ts';

const REFUSED = { statusCode: 400, type: 'invalid_request_error' } as const;
const WRONG_STATE = { ...REFUSED, code: 'payment_intent_unexpected_state' } as const;
const WEEK_S = 7 * 86_400;

const statusOf = ({ status }: { status: string | null }) => ({ status });

export const HOLD_CASES: readonly Case[] = [
  {
    title: 'a hold reserves, takes nothing, lasts a week, and offers no more on a standard account',
    expected: {
      status: 'requires_capture',
      capturable: 500,
      isCaptured: false,
      transaction: null,
      livesS: WEEK_S,
      increments: 'unavailable',
      overcapture: { maximum_amount_capturable: 500, status: 'unavailable' },
      multicapture: 'unavailable',
      extended: 'disabled',
    },
    observe: async ({ hold }) => {
      const asking = {
        request_incremental_authorization: 'if_available',
        request_overcapture: 'if_available',
        request_multicapture: 'if_available',
      } as const;
      const intent = await hold({ payment_method_options: { card: asking }, expand: ['latest_charge'] });
      const charge = intent.latest_charge as Stripe.Charge;
      const card = charge.payment_method_details!.card!;
      return {
        status: intent.status,
        capturable: intent.amount_capturable,
        isCaptured: charge.captured,
        transaction: charge.balance_transaction,
        livesS: (card.capture_before ?? 0) - charge.created,
        increments: card.incremental_authorization?.status,
        overcapture: card.overcapture,
        multicapture: card.multicapture?.status,
        extended: card.extended_authorization?.status,
      };
    },
  },
  {
    title: 'a capture below the hold ends the payment; what is shown of the rest',
    expected: { status: 'succeeded', amount: 500, received: 320, capturable: 0, shownRefunded: 0, refunds: 0 },
    isOpen: true,
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      const captured = await stripe.paymentIntents.capture(id, { amount_to_capture: 320, expand: ['latest_charge'] });
      const { data } = await stripe.refunds.list({ payment_intent: id });
      return {
        status: captured.status,
        amount: captured.amount,
        received: captured.amount_received,
        capturable: captured.amount_capturable,
        shownRefunded: (captured.latest_charge as Stripe.Charge).amount_refunded,
        refunds: data.length,
      };
    },
  },
  {
    title: 'a hold that is let go; what is shown of it',
    expected: { status: 'canceled', reason: 'abandoned', isRefunded: false, refunds: 0 },
    isOpen: true,
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      const expand = ['latest_charge'];
      const canceled = await stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned', expand });
      const { data } = await stripe.refunds.list({ payment_intent: id });
      const isRefunded = (canceled.latest_charge as Stripe.Charge).refunded;
      return { status: canceled.status, reason: canceled.cancellation_reason, isRefunded, refunds: data.length };
    },
  },
  {
    title: 'why a hold that expired was cancelled',
    expected: { status: 'canceled', reason: 'automatic' },
    isOpen: true,
    observe: async ({ stripe, hold, advance }) => {
      if (advance === undefined) return undefined;
      const { id } = await hold();
      advance((WEEK_S + 60) * 1_000);
      const { status, cancellation_reason: reason } = await stripe.paymentIntents.retrieve(id);
      return { status, reason };
    },
  },
  {
    title: 'a capture above the hold',
    expected: { ...REFUSED, code: 'amount_too_large', param: 'amount_to_capture', intent: 'requires_capture' },
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      return outcome(stripe.paymentIntents.capture(id, { amount_to_capture: 501 }), statusOf);
    },
  },
  {
    title: 'a capture of nothing',
    expected: { ...REFUSED, code: 'parameter_invalid_integer', param: 'amount', intent: 'requires_capture' },
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      return outcome(stripe.paymentIntents.capture(id, { amount_to_capture: 0 }), statusOf);
    },
  },
  {
    title: 'a second capture',
    expected: { ...WRONG_STATE, intent: 'succeeded' },
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      await stripe.paymentIntents.capture(id);
      return outcome(stripe.paymentIntents.capture(id), statusOf);
    },
  },
  {
    title: 'a cancel after the capture',
    expected: { ...WRONG_STATE, intent: 'succeeded' },
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      await stripe.paymentIntents.capture(id);
      return outcome(stripe.paymentIntents.cancel(id), statusOf);
    },
  },
  {
    title: 'a capture after the cancel',
    expected: { ...WRONG_STATE, intent: 'canceled' },
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      await stripe.paymentIntents.cancel(id);
      return outcome(stripe.paymentIntents.capture(id), statusOf);
    },
  },
  {
    title: 'another amount for a hold',
    expected: { ...WRONG_STATE, param: 'amount', intent: 'requires_capture' },
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      return outcome(stripe.paymentIntents.update(id, { amount: 400 }), statusOf);
    },
  },
  {
    title: 'a raise on an account that has none',
    expected: { ...REFUSED, param: 'amount', intent: 'requires_capture' },
    isOpen: true,
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      return outcome(stripe.paymentIntents.incrementAuthorization(id, { amount: 900 }), statusOf);
    },
  },
];
