// Ends a visit whose hold was not made: the door stays shut, the case is free again.
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { endEffects } from '../../money/end-effects.ts';
import { HOLD_ATTEMPT } from '../../money/hold-request.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'visit-refuse',
  outputs: ['refused'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ visit: { id }, refusal }) => {
      const atMs = node.now();
      const step = { visitId: id, kind: 'hold', attempt: HOLD_ATTEMPT } as const;
      const { visit } = await ledger.answerMoney(step, refusal, { atMs, ends: (ended) => endEffects(ended, atMs) });
      return { to: 'refused', add: { visit }, status: refusal.code, look: 'needs-person' };
    };
  },
});
