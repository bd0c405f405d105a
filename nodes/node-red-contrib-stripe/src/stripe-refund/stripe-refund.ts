// Gives money of a payment back, all or a part of it, once. More than is left is refused, and nothing moves.
import { defineNode, says } from '@tapcase/define-node';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { parseMessage, type RefundMessage, stripeRefund } from './contract.ts';
import { refund } from './refund.ts';

export default defineNode({
  ...stripeRefund,
  parseMessage,
  build: (config, node) => async (asked: RefundMessage, raw) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    const amountMinor = await config.amount(raw);
    const metadata = (await config.metadata(raw)) ?? {};
    node.status(says('refund'), 'working');
    return refund(account, { ...asked, amountMinor, metadata });
  },
});
