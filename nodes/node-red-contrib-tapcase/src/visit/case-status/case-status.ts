// Records that a case is alive and how it is; answers a freshly booted controller with the signed time.
import { defineNode } from '@tapcase/define-node';
import { checkFresh } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'case-status',
  outputs: ['status', 'hello'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ caseId, report }) => {
      const atMs = node.now();
      // A hello comes from a device that does not know the time yet; its nonce stands in for it.
      const stale = report.type === 'hello' ? undefined : checkFresh({ at: report.at }, Math.floor(atMs / 1000));
      if (stale !== undefined) throw stale;
      const replayed = await ledger.recordStatus(caseId, report, atMs);
      if (replayed !== undefined) throw replayed;
      return { to: report.type, status: `${caseId} ${report.type}` };
    };
  },
});
