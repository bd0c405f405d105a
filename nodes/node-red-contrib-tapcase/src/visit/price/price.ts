// What a basket costs: list prices, and what an operator's own flows take off them. Nothing is written here: whoever settles
// freezes it with the visit, and what is frozen is asked about no more.
import { defineNode, says, shows } from '@tapcase/define-node';
import { chargeable, formatMinor, orThrow, priced } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { hooksOf } from '../../hooks/ask.ts';
import { askedAbout } from './ask-price.ts';
import { parseMessage, price } from './contract.ts';

export default defineNode({
  ...price,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const asker = hooksOf(node.RED).asker(node);
    return async ({ visit, basket: believed }) => {
      if (believed === undefined) return { to: 'priced', status: says('no basket') };
      const basket = await askedAbout(asker, ledger, visit, believed);
      const { totalMinor } = orThrow(priced(chargeable(basket).lines, visit.catalog, basket.adjustments));
      return { to: 'priced', add: { basket }, status: shows(formatMinor(totalMinor, visit.catalog.currency)) };
    };
  },
});
