// Charges a stored card while its owner is away, as they agreed when they stored it. The bank's no is an output.
import { defineNode } from '@tapcase/define-node';
import { readOrder } from '../order.ts';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { charge } from './charge.ts';
import { type ChargeMessage, parseMessage, stripeCharge } from './contract.ts';

export default defineNode({
  ...stripeCharge,
  parseMessage,
  build: (config, node) => async (message: ChargeMessage, raw) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    const order = { ...message, ...(await readOrder(config, raw)) };
    node.status('asking the bank', 'working');
    return charge(account, order);
  },
});
