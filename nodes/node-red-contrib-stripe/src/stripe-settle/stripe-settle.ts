// Ends a hold or raises it. Judged by the state Stripe reports, not by which call made it so.
import { defineNode } from '@tapcase/define-node';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { parseMessage, type SettleMessage, stripeSettle } from './contract.ts';
import { settle } from './settle.ts';

export default defineNode({
  ...stripeSettle,
  parseMessage,
  build: (config, node) => async (order: SettleMessage) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    node.status(order.kind, 'working');
    return settle(account, order);
  },
});
