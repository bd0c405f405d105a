// Answers why a visit ended as it did, to staff: any visit, and nothing of who the customer is.
import { defineNode } from '@tapcase/define-node';
import { Fault, whyView } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { answerWith } from '../../answer.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { caseNameOf } from '../visit-view/own-visit.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'visit-why',
  outputs: ['answered'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ visitId }) => {
      const visit = await ledger.visit(visitId);
      if (visit === undefined) throw new Fault('visit.unknown', 'no such visit');
      const { review } = await ledger.money(visitId);
      return { to: 'answered', add: answerWith(200, whyView(visit, caseNameOf(visit, shop), review)) };
    };
  },
});
