// Forgets what a case has learned, or one product's mass, because an operator knows better: from the next visit on.
import { defineNode } from '@tapcase/define-node';
import { Fault, orThrow, productBySku } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Shop } from '../../shop/shop/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'learning-forget',
  outputs: ['forgotten'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async (request) => {
      const { catalog } = orThrow(shop.case(request.caseId));
      if (request.sku !== null && productBySku(catalog, request.sku) === undefined) {
        throw new Fault('learning.unknown-sku', `${request.sku} is not sold in this case`, { sku: request.sku });
      }
      const forgotten = { ...request, atMs: node.now() };
      await ledger.forgetLearning(forgotten);
      return { to: 'forgotten', add: { forgotten }, status: request.sku ?? `all of ${request.caseId}` };
    };
  },
});
