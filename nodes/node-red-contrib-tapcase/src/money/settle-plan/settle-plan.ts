// Asks the ledger what a visit's money needs next, and words it for a Stripe node. The step is written down before that.
import { defineNode } from '@tapcase/define-node';
import { type Basket, chargeable, orThrow, priced, type Visit } from '@tapcase/domain';
import type { BasketDecision, Ledger } from '@tapcase/ledger';
import { endEffects } from '../end-effects.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';
import { orderFor } from './orders.ts';

export default defineNode({
  type: 'settle-plan',
  outputs: ['settle', 'charge', 'find-hold', 'refund', 'look', 'look-page', 'ended', 'rest'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async ({ visit: { id, catalog }, basket, asksPerson }) => {
      const atMs = node.now();
      const next = await ledger.nextMoney(id, {
        atMs,
        ends: (ended) => endEffects(ended, atMs),
        decision: basket === undefined ? undefined : { ...decisionOf(basket, catalog), asksPerson },
      });
      const { visit } = next;
      switch (next.kind) {
        case 'send':
        case 'look': {
          const { to, add } = orderFor(next);
          const { kind, amountMinor } = next.step;
          return { to, add, status: amountMinor > 0 ? `${kind} ${amountMinor}` : kind, look: 'working' };
        }
        case 'ended':
          return { to: 'ended', add: { visit }, status: visit.outcome ?? 'ended' };
        case 'rest':
          return { to: 'rest', add: { visit }, status: 'nothing to do', look: 'working' };
      }
    };
  },
});

/** Prices are the visit's own, frozen when it was opened; what comes off them was asked before. */
function decisionOf(basket: Basket, catalog: Visit['catalog']): BasketDecision {
  const { lines, flagged, review } = chargeable(basket);
  return { basket, totalMinor: orThrow(priced(lines, catalog, basket.adjustments)).totalMinor, flagged, review };
}
