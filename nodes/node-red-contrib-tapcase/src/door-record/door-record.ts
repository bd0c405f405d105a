// Records what a door reported, once, and moves its visit: a closed or never opened door leads to the settling.
import { defineNode } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import type { Shop } from '../shop/contract.ts';
import type { Ledger } from '../store/port.ts';
import { parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'door-record',
  outputs: ['changed', 'settle', 'seen'],
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'ledger');
    const shop = node.use<Shop>(config.shop, 'shop');
    return async ({ caseId, report }) => {
      const { visionWaitMs } = orThrow(shop.case(caseId));
      const recorded = await ledger.recordReport(
        caseId,
        { channel: 'door', report },
        { atMs: node.now(), visionWaitMs },
      );
      if (recorded.kind !== 'new') return { to: 'seen', status: 'seen before' };
      const { visit } = recorded;
      // Nobody was let in: the report is kept, and a person should know.
      if (report.type === 'forced') return { to: 'changed', add: { visit }, status: 'forced', look: 'needs-person' };
      if (visit === null) return { to: 'changed', add: { visit }, status: 'unknown visit', look: 'needs-person' };
      const ends = report.type === 'closed' || report.type === 'timeout';
      return { to: ends ? 'settle' : 'changed', add: { visit }, status: report.type };
    };
  },
});
