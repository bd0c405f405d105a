// Ends a visit whose hold was not made: the door stays shut, the case is free again.
import { defineNode } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import { HOLD_ATTEMPT } from '../hold-request.ts';
import type { Ledger } from '../store/port.ts';
import { parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'visit-refuse',
  outputs: ['refused'],
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'ledger');
    return async ({ visit: { id }, code }) => {
      const atMs = node.now();
      const step = { visitId: id, kind: 'hold', attempt: HOLD_ATTEMPT } as const;
      await ledger.markStep(step, { state: 'failed', atMs, result: { code } });
      const visit = orThrow(
        await ledger.advanceVisit(id, {
          event: 'hold_refused',
          atMs,
          // No door was opened, so no camera is waited for.
          visionWaitMs: 0,
          set: { outcome: 'refused' },
          note: { code },
        }),
      );
      return { to: 'refused', add: { visit }, status: code, look: 'needs-person' };
    };
  },
});
