// Records what the cameras saw, once; a visit whose door is closed may now be settled.
import { part, says, shows } from '@tapcase/define-node';
import { Fault, orThrow, parseVisionReport, type VisionReport } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { type CaseFrame, caseFrame } from '@tapcase/node-red-contrib-hmac';
import type { Shop } from '../../shop/shop/contract.ts';
import type { RecordConfig, RecordOutput } from './contract.ts';

export const vision = part<RecordConfig, CaseFrame<VisionReport>, RecordOutput>({
  parseMessage: (raw) => caseFrame(raw, 'vision', parseVisionReport),
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
      if (recorded.kind === 'held') {
        node.fail(recorded.fault);
        return { to: 'kept', status: says('kept aside'), look: 'needs-person' };
      }
      if (recorded.kind === 'seen') return { to: 'kept', status: says('seen before') };
      const { visit } = recorded;
      if (visit === null) {
        node.fail(new Fault('visit.unknown', 'the cameras speak of a visit that is not in the ledger', { caseId }));
        return { to: 'kept', status: says('unknown visit'), look: 'needs-person' };
      }
      return {
        // While the door is open its close leads to the settling, and finds this; once the basket is decided, nothing does.
        to: visit.phase === 'closed' ? 'settle' : 'kept',
        add: { visit },
        status: report.fault === undefined ? says('report') : shows(report.fault),
      };
    };
  },
});
