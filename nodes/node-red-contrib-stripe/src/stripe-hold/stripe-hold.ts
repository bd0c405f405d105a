// Reserves money on a stored card. What the card's bank answers decides the output; nothing is ever left reserved by accident.
import { defineNode, says } from '@tapcase/define-node';
import { readOrder } from '../order.ts';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { type HoldMessage, parseMessage, stripeHold } from './contract.ts';
import { hold } from './hold.ts';

export default defineNode({
  ...stripeHold,
  parseMessage,
  build: (config, node) => async (message: HoldMessage, raw) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    const order = { ...message, ...(await readOrder(config, raw)) };
    node.status(says('asking the bank'), 'working');
    return hold(account, order);
  },
});
