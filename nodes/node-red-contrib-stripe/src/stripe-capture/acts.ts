// What Stripe is asked at each step of a sale, read from the message in the words of the node for that step, where there is one.
import type { Emission } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, type MoneyMessage, orThrow, type StripeAct } from '@tapcase/domain';
import { FieldReader } from '../fields.ts';
import { wholeOrder } from '../order.ts';
import type { SendBefore, StripeAccount } from '../stripe-account/contract.ts';
import { parseMessage as holdOf } from '../stripe-hold/contract.ts';
import { heldEarlier, hold } from '../stripe-hold/hold.ts';
import { lookAtPage } from '../stripe-page/pay.ts';
import { parseMessage as refundOf } from '../stripe-refund/contract.ts';
import { refund } from '../stripe-refund/refund.ts';
import { charge, parseCharge } from './charge.ts';
import { earlier, readFence } from './earlier.ts';
import { look, parseLook } from './look.ts';
import { parseSettle, settle } from './settle.ts';

type Act = (account: StripeAccount, message: MoneyMessage, lease?: SendBefore['lease']) => Promise<Emission<string>>;

/** Each adds its answer to the message. Throws `stripe.bad-message` naming the field, and what Stripe's node of it throws. */
export const ACTS: Readonly<Record<StripeAct, Act>> = {
  hold: async (account, message, lease) => {
    const order = { ...orThrow(holdOf(message)), ...wholeOrder(message, 'hold') };
    const fence = readFence(message.hold, 'msg.hold.');
    const known = fence === undefined ? undefined : await earlier(account, order.customer, fence);
    if (known?.payment !== undefined) return heldEarlier(account, order, known.payment);
    return hold(account, order, { lease, stripeMs: known?.keyGoodUntilMs });
  },
  settle: async (account, message) => settle(account, orThrow(parseSettle(message))),
  charge: async (account, message, lease) => charge(account, orThrow(parseCharge(message)), lease),
  refund: async (account, message, lease) => {
    const read = new FieldReader(message.refund, 'stripe.bad-message', 'msg.refund.');
    const [amountMinor, metadata] = [read.whole('amountMinor', 1, AMOUNT_MINOR_MAX), read.metadata('metadata')];
    return refund(account, { ...orThrow(refundOf(message)), amountMinor, metadata }, lease);
  },
  look: async (account, message) => look(account, orThrow(parseLook(message))),
  'look-page': async (account, message) => lookAtPage(account, message.payPage, 'look'),
};
