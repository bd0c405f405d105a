// Keeps where to send a customer's receipts, once it is sure that the address is a push service's.
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import type { Vapid } from '../../shop/vapid/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'push-subscribe',
  outputs: ['stored'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const vapid = node.use<Vapid>(config.vapid, 'vapid');
    return async ({ customerId, subscription }) => {
      const forbidden = vapid.checkEndpoint(subscription.endpoint);
      if (forbidden !== undefined) throw forbidden;
      await ledger.putPushSubscription(customerId, subscription, node.now());
      return { to: 'stored', status: 'stored' };
    };
  },
});
