// Answers how one visit stands, to the customer whose visit it is and to nobody else.
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';
import { ownVisit, viewOf } from './own-visit.ts';

export default defineNode({
  type: 'visit-view',
  outputs: ['answered'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ visitId, customerId }) => {
      const visit = await ownVisit(ledger, visitId, customerId);
      return { to: 'answered', add: { visit, ...answerWith(200, await viewOf(ledger, visit, shop)) } };
    };
  },
});
