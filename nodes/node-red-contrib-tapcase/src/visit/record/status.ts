// Records that a case is alive and how it is; answers a freshly booted controller with the signed time.
import { part, says } from '@tapcase/define-node';
import { checkFresh, parseStatusReport, type StatusReport } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { type CaseFrame, caseFrame } from '@tapcase/node-red-contrib-hmac';
import type { RecordConfig, RecordOutput } from './contract.ts';

/** A person is told, and the device hears the time all the same. */
const ANSWERED: readonly string[] = ['device.unexpected-board', 'ledger.restored'];

export const status = part<RecordConfig, CaseFrame<StatusReport>, RecordOutput>({
  parseMessage: (raw) => caseFrame(raw, 'status', parseStatusReport),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ caseId, report }) => {
      const atMs = node.now();
      // A hello comes from a device that does not know the time yet; its nonce stands in for it.
      const stale = report.type === 'hello' ? undefined : checkFresh({ at: report.at }, Math.floor(atMs / 1000));
      if (stale !== undefined) throw stale;
      const fault = await ledger.recordStatus(caseId, report, atMs);
      if (fault !== undefined) {
        if (!ANSWERED.includes(fault.code)) throw fault;
        node.fail(fault);
      }
      // The time waits in the outbox for whoever has just booted; a heartbeat leaves nothing to do.
      return {
        to: report.type === 'hello' ? 'moved' : 'kept',
        status: says('__case__ __what__', { case: caseId, what: says(report.type) }),
      };
    };
  },
});
