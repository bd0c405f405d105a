// Refunds at Stripe: one asked for, or all of a payment.
import type Stripe from 'stripe';
import { orFault } from './answers.ts';
import type { RefundAnswer, RefundOrder, StripeAccount } from './contract.ts';
import { asFault, asRefusal, isStripeError } from './faults.ts';
import type { Fence } from './fence.ts';
import { toRefund } from './objects.ts';

/** Nobody gives one payment back in more pieces. */
const REFUNDS_MAX = 100;

export function refunds(stripe: Stripe, fence: Fence): Pick<StripeAccount, 'refund' | 'refundsOf'> {
  return {
    refund: (order) => fence.keep(order.before, () => refund(stripe, order)),
    refundsOf: async (payment_intent) => {
      const { data } = await orFault(() => stripe.refunds.list({ payment_intent, limit: REFUNDS_MAX }));
      return data.map(toRefund);
    },
  };
}

async function refund(stripe: Stripe, order: RefundOrder): Promise<RefundAnswer> {
  const { intent, amountMinor, reason, metadata, idempotencyKey } = order;
  try {
    const params = { payment_intent: intent, amount: amountMinor, reason, metadata: { ...metadata } };
    return { kind: 'done', refund: toRefund(await stripe.refunds.create(params, { idempotencyKey })) };
  } catch (thrown) {
    if (!isStripeError(thrown)) throw thrown;
    const refusal = asRefusal(thrown) ?? tooMuch(thrown.message);
    if (refusal === undefined) throw asFault(thrown);
    return { kind: 'refused', refusal };
  }
}

/** Stripe gives this one no code: "Refund amount ($5.00) is greater than unrefunded amount on charge ($4.00)". */
function tooMuch(message: string) {
  if (!/greater than (the )?(unrefunded|remaining)/i.test(message)) return undefined;
  return { declined: false, code: 'amount_too_large', declineCode: null, adviceCode: null, message };
}
