// What Stripe is asked at each step of a sale, read from the message in the same words as the node for that step reads it.
import type { Emission } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, type MoneyMessage, orThrow, type StripeAct } from '@tapcase/domain';
import { FieldReader } from '../fields.ts';
import { wholeOrder } from '../order.ts';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { charge } from '../stripe-charge/charge.ts';
import { parseMessage as chargeOf } from '../stripe-charge/contract.ts';
import { parseMessage as holdOf } from '../stripe-hold/contract.ts';
import { hold } from '../stripe-hold/hold.ts';
import { parseMessage as lookOf } from '../stripe-look/contract.ts';
import { look } from '../stripe-look/look.ts';
import { lookAtPage } from '../stripe-pay-page/page.ts';
import { parseMessage as refundOf } from '../stripe-refund/contract.ts';
import { refund } from '../stripe-refund/refund.ts';
import { parseMessage as settleOf } from '../stripe-settle/contract.ts';
import { settle } from '../stripe-settle/settle.ts';

type Act = (account: StripeAccount, message: MoneyMessage) => Promise<Emission<string>>;

/** Each adds its answer to the message. Throws `stripe.bad-message` naming the field, and what Stripe's node of it throws. */
export const ACTS: Readonly<Record<StripeAct, Act>> = {
  hold: async (account, message) => hold(account, { ...orThrow(holdOf(message)), ...wholeOrder(message, 'hold') }),
  settle: async (account, message) => settle(account, orThrow(settleOf(message))),
  charge: async (account, message) =>
    charge(account, { ...orThrow(chargeOf(message)), ...wholeOrder(message, 'charge') }),
  refund: async (account, message) => {
    const read = new FieldReader(message.refund, 'stripe.bad-message', 'msg.refund.');
    const [amountMinor, metadata] = [read.whole('amountMinor', 1, AMOUNT_MINOR_MAX), read.metadata('metadata')];
    return refund(account, { ...orThrow(refundOf(message)), amountMinor, metadata });
  },
  look: async (account, message) => look(account, orThrow(lookOf(message))),
  'look-page': async (account, message) => lookAtPage(account, message.payPage, 'look'),
};
