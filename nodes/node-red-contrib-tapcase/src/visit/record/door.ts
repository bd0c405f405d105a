// Records what a door reported, once, and moves its visit: a closed or never opened door leads to the settling.
import { part, says, shows } from '@tapcase/define-node';
import { type DoorReport, Fault, orThrow, parseDoorReport } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { type CaseFrame, caseFrame } from '@tapcase/node-red-contrib-hmac';
import type { Shop } from '../../shop/shop/contract.ts';
import type { RecordConfig, RecordOutput } from './contract.ts';

export const door = part<RecordConfig, CaseFrame<DoorReport>, RecordOutput>({
  parseMessage: (raw) => caseFrame(raw, 'door', parseDoorReport),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ caseId, report }) => {
      const { visionWaitMs } = orThrow(shop.case(caseId));
      const recorded = await ledger.recordReport(
        caseId,
        { channel: 'door', report },
        { atMs: node.now(), visionWaitMs },
      );
      if (recorded.kind === 'held') {
        node.fail(recorded.fault);
        return { to: 'kept', status: says('kept aside'), look: 'needs-person' };
      }
      if (recorded.kind === 'seen') return { to: 'kept', status: says('seen before') };
      if (report.type === 'restocked') return { to: 'kept', status: says(report.type) };
      const { visit } = recorded;
      if (report.type === 'fault') {
        node.fail(
          new Fault('door.fault', `case ${caseId} tells a fault: ${report.code}`, { caseId, told: report.code }),
        );
        return { to: 'kept', status: shows(report.code), look: 'needs-person' };
      }
      if (visit === null) {
        // Kept and acked, yet nobody's: a door opened by force, or a visit that this ledger never had.
        node.fail(strangeReport(caseId, report));
        return { to: 'kept', status: says(report.type), look: 'needs-person' };
      }
      if (report.type === 'refused') node.fail(turnedAway(caseId, report));
      const ends = report.type === 'closed' || report.type === 'timeout' || report.type === 'refused';
      return { to: ends ? 'settle' : 'moved', add: { visit }, status: says(report.type) };
    };
  },
});

/** Nobody's mistake, perhaps, and yet somebody stood there for nothing. */
function turnedAway(caseId: string, { id, code }: Extract<DoorReport, { type: 'refused' }>): Fault {
  return new Fault('door.refused', `case ${caseId} opened nothing for a customer: ${code}`, { caseId, told: code, id });
}

function strangeReport(caseId: string, report: Exclude<DoorReport, { type: 'fault' }>): Fault {
  return report.type === 'forced'
    ? new Fault('door.forced', `somebody opened case ${caseId} by force`, { caseId })
    : new Fault('visit.unknown', 'the door speaks of a visit that is not in the ledger', { caseId, id: report.id });
}
