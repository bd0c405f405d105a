// Says what was taken: hands the scale's and the cameras' words to the domain, and asks for a person in doubt.
import { defineNode } from '@tapcase/define-node';
import { type Basket, evidenceOf, reconcile } from '@tapcase/domain';
import { parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'weight-reconcile',
  outputs: ['certain', 'doubtful'],
  parseConfig,
  parseMessage,
  build: () => {
    return ({ visit, evidence }) => {
      // A door that nobody opened, or a case that fell silent: settle-plan knows what to do without a basket.
      if (visit.basket === null && visit.phase !== 'closed') return { to: 'certain', status: 'nothing to weigh' };
      const basket = visit.basket ?? reconcile({ catalog: visit.catalog, ...evidenceOf(evidence) });
      return basket.verdict === 'disputed'
        ? { to: 'doubtful', add: { basket }, status: 'doubtful', look: 'needs-person' }
        : { to: 'certain', add: { basket }, status: words(basket) };
    };
  },
});

function words({ lines }: Basket): string {
  return lines.length === 0 ? 'nothing' : lines.map(({ sku, count }) => `${count} ${sku}`).join(', ');
}
