// Decides whether a case can take a customer now: known, connected, open for sale, and with nobody at its door.
import { defineNode } from '@tapcase/define-node';
import { closedBy, orThrow } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { customerOf } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'case-check',
  outputs: ['ready', 'busy', 'offline', 'closed', 'restocking'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ caseId }, raw) => {
      const found = orThrow(shop.case(caseId));
      const { heardAtMs, openVisitId, lastStatus } = await ledger.caseRow(caseId);
      const add = { case: found };
      if (openVisitId !== null) {
        const visit = await ledger.visit(openVisitId);
        // The customer's own tap again: visit-open tells a repeated request from a second one.
        const own = visit !== undefined && visit.customerId === customerOf(raw)?.id;
        return own ? { to: 'ready', add } : { to: 'busy', add, status: 'busy', look: 'working' };
      }
      const silentMs = heardAtMs === null ? Number.POSITIVE_INFINITY : node.now() - heardAtMs;
      if (silentMs > found.offlineAfterMs) return { to: 'offline', add, status: 'offline', look: 'needs-person' };
      const closed = closedBy(lastStatus);
      if (closed !== null) return { to: closed, add, status: closed, look: 'needs-person' };
      return { to: 'ready', add, status: caseId };
    };
  },
});
