// Finds a payment at Stripe without asking Stripe to do anything: by its id, or by what its maker wrote on it.
import { defineNode } from '@tapcase/define-node';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { type LookMessage, parseMessage, stripeLook } from './contract.ts';
import { look } from './look.ts';

export default defineNode({
  ...stripeLook,
  parseMessage,
  build: (config, node) => async (asked: LookMessage) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    node.status('looking', 'working');
    return look(account, asked);
  },
});
