// Records what the cameras saw, once; the visit it belongs to may now be settled.
import { defineNode } from '@tapcase/define-node';
import { Fault, orThrow } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Shop } from '../../shop/shop/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'vision-record',
  outputs: ['settle', 'seen'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ caseId, report }) => {
      const { visionWaitMs } = orThrow(shop.case(caseId));
      const recorded = await ledger.recordReport(
        caseId,
        { channel: 'vision', report },
        { atMs: node.now(), visionWaitMs },
      );
      if (recorded.kind !== 'new') return { to: 'seen', status: 'seen before' };
      const { visit } = recorded;
      if (visit === null) {
        node.fail(new Fault('visit.unknown', 'the cameras speak of a visit that is not in the ledger', { caseId }));
        return { to: 'seen', status: 'unknown visit', look: 'needs-person' };
      }
      return { to: 'settle', add: { visit }, status: report.fault ?? 'report' };
    };
  },
});
