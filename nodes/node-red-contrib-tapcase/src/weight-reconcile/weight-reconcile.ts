// Says what was taken: hands the scale's and the cameras' words to the domain, and asks for a person in doubt.
import { defineNode } from '@tapcase/define-node';
import { type Basket, reconcile } from '@tapcase/domain';
import type { Evidence } from '../store/port.ts';
import { parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'weight-reconcile',
  outputs: ['certain', 'doubtful'],
  parseConfig,
  parseMessage,
  build: () => {
    return ({ visit, evidence }) => {
      const basket = visit.basket ?? reconcile({ catalog: visit.catalog, ...readings(evidence) });
      return basket.verdict === 'disputed'
        ? { to: 'doubtful', add: { basket }, status: 'doubtful', look: 'needs-person' }
        : { to: 'certain', add: { basket }, status: words(basket) };
    };
  },
});

/** The last weighed close is the one that counts: a door may be opened again before it locks. */
function readings({ door, vision }: Evidence): Pick<Parameters<typeof reconcile>[0], 'scale' | 'cameras'> {
  const closed = door.filter((report) => report.type === 'closed').at(-1);
  // A report without a model is a camera that could not look, not one that saw nothing.
  const looked = vision !== null && vision.model !== null && vision.fault === undefined;
  return {
    scale: closed === undefined ? null : { removedGrams: closed.dmass, sigmaGrams: closed.sigma },
    cameras: looked ? vision.removed : null,
  };
}

function words({ lines }: Basket): string {
  return lines.length === 0 ? 'nothing' : lines.map(({ sku, count }) => `${count} ${sku}`).join(', ');
}
