// Waits until all is in, says what was taken, and which of four ways the visit goes: charged, charged in part, only reviewed,
// nothing taken.
import { defineNode, type Emission, says, shows } from '@tapcase/define-node';
import { type Basket, type Ruling, rulingOf, unreachable } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Policy } from '../../shop/tapcase-policy/contract.ts';
import { decide, isDecidedAlone } from '../../shop/tapcase-policy/decide.ts';
import { type Collected, collect } from './collect.ts';
import { parseConfig, parseMessage, type ReconcileMessage, weightReconcile } from './contract.ts';

export default defineNode({
  ...weightReconcile,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const policy = config.policy === '' ? config.own : node.use<Policy>(config.policy, 'tapcase-policy');
    const collected = async ({
      visit,
      evidence,
      learned,
      overdue,
    }: ReconcileMessage): Promise<Collected | undefined> =>
      evidence === undefined
        ? collect(node.use<Ledger>(config.ledger, 'tapcase-ledger'), { visitId: visit.id, overdue }, node.now())
        : { visit, evidence, learned };
    return async (message): Promise<Emission<Ruling> | undefined> => {
      const all = await collected(message);
      if (all === undefined) {
        node.status(says('waiting'), 'working');
        return undefined;
      }
      const { visit, evidence, learned } = all;
      // A door that nobody opened, or a case that fell silent: whoever settles knows what to do without a basket.
      if (visit.basket === null && visit.phase !== 'closed') {
        return { to: 'nothing', add: { visit }, status: says('nothing to weigh') };
      }
      const { stock } = message;
      const basket = visit.basket ?? decide({ catalog: visit.catalog, evidence, stock, learned }, policy);
      const asksPerson = policy.asksAlone && isDecidedAlone(basket);
      return { add: { visit, basket, asksPerson }, ...wayOf(basket, asksPerson) };
    };
  },
});

function wayOf(basket: Basket, asksPerson: boolean): Emission<Ruling> {
  const to = rulingOf(basket);
  switch (to) {
    case 'agreed':
      return { to, status: shows(words(basket)), look: asksPerson ? 'needs-person' : 'did' };
    case 'partly':
      return { to, status: says('surely __basket__', { basket: words(basket) }), look: 'needs-person' };
    case 'review':
      return { to, status: says('nothing is certain'), look: 'needs-person' };
    case 'nothing':
      return { to, status: says('nothing taken') };
    default:
      return unreachable(to);
  }
}

function words({ lines }: Basket): string {
  return lines.map(({ sku, count }) => `${count} ${sku}`).join(', ');
}
