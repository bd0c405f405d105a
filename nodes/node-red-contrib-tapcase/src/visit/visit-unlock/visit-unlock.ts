// Lets a customer in: the hold is written down, then the signed unlock and observe go to the outbox.
import { defineNode } from '@tapcase/define-node';
import { orThrow, UNLOCK_VALID_SECONDS } from '@tapcase/domain';
import type { Effect, Ledger } from '@tapcase/ledger';
import type { Shop } from '../../shop/shop/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'visit-unlock',
  outputs: ['unlocking'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ visit: { id, caseId }, hold }) => {
      const { visionWaitMs } = orThrow(shop.case(caseId));
      const atMs = node.now();
      const at = Math.floor(atMs / 1000);
      const exp = at + UNLOCK_VALID_SECONDS;
      const effects: Effect[] = [
        { kind: 'command', caseId, command: { type: 'unlock', id, at, exp } },
        { kind: 'vision-command', caseId, command: { type: 'observe', id, at, exp } },
      ];
      const visit = orThrow(await ledger.holdMade(id, hold, { atMs, visionWaitMs, effects }));
      return { to: 'unlocking', add: { visit }, status: id };
    };
  },
});
