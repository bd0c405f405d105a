// Lets through what Stripe signed, as an event, and says which it has seen before. The HTTP answer is the flow's.
import { defineNode, says, shows } from '@tapcase/define-node';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { parseMessage, stripeWebhook } from './contract.ts';

export default defineNode({
  ...stripeWebhook,
  parseMessage,
  build: (config, node) => {
    // A set keeps the order in which ids came, so the oldest is its first.
    const seen = new Set<string>();
    return ({ rawBody, signature }) => {
      const account = node.use<StripeAccount>(config.account, 'stripe-account');
      const event = account.verifyEvent(rawBody, signature, node.now());
      if (seen.has(event.id)) return { to: 'repeated', add: { event }, status: says('repeated') };
      if (config.remember > 0) seen.add(event.id);
      for (const oldest of seen) {
        if (seen.size <= config.remember) break;
        seen.delete(oldest);
      }
      return { to: 'event', add: { event }, status: shows(event.type) };
    };
  },
});
