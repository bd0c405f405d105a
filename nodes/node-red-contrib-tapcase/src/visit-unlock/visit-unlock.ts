// Lets a customer in: the hold is written down, then the signed unlock and observe go to the outbox.
import { defineNode } from '@tapcase/define-node';
import { orThrow, UNLOCK_VALID_SECONDS } from '@tapcase/domain';
import { HOLD_ATTEMPT } from '../hold-request.ts';
import type { Shop } from '../shop/contract.ts';
import type { Ledger } from '../store/port.ts';
import { parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'visit-unlock',
  outputs: ['unlocking'],
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'ledger');
    const shop = node.use<Shop>(config.shop, 'shop');
    return async ({ visit: { id, caseId }, intent }) => {
      const { visionWaitMs } = orThrow(shop.case(caseId));
      const atMs = node.now();
      await ledger.markStep({ visitId: id, kind: 'hold', attempt: HOLD_ATTEMPT }, { state: 'done', atMs, intent });
      orThrow(await ledger.advanceVisit(id, { event: 'hold_made', atMs, visionWaitMs, set: { intent } }));
      const at = Math.floor(atMs / 1000);
      const exp = at + UNLOCK_VALID_SECONDS;
      const visit = orThrow(
        await ledger.advanceVisit(id, {
          event: 'unlock_sent',
          atMs,
          visionWaitMs,
          effects: [
            { kind: 'command', caseId, command: { type: 'unlock', id, at, exp } },
            { kind: 'vision-command', caseId, command: { type: 'observe', id, at, exp } },
          ],
        }),
      );
      return { to: 'unlocking', add: { visit }, status: id };
    };
  },
});
