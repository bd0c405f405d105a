// Lets through what Stripe signed, as an event. Whether it is new is the ledger's business, the HTTP answer the flow's.
import { defineNode } from '@tapcase/define-node';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'stripe-webhook',
  outputs: ['event'],
  parseConfig,
  parseMessage,
  build:
    (config, node) =>
    ({ rawBody, signature }) => {
      const account = node.use<StripeAccount>(config.account, 'stripe-account');
      const event = account.verifyEvent(rawBody, signature, node.now());
      return { to: 'event', add: { event }, status: event.type.split('.').slice(-1)[0] ?? 'event' };
    },
});
