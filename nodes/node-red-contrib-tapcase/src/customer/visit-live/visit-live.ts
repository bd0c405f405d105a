// Keeps the phones that watch a visit up to date, over one long answer each (server-sent events).
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import type { Shop } from '../../shop/shop/contract.ts';
import { ownVisit, viewOf } from '../visit-view/own-visit.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';
import { createStreams } from './streams.ts';

export default defineNode({
  type: 'visit-live',
  outputs: [],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    const streams = createStreams();
    node.onClose(() => streams.close());
    return async (message) => {
      if (message.kind === 'tell') {
        // Nobody watches most of the time, and a view is three questions to the ledger.
        if (streams.watches(message.visit.id)) streams.tell(await viewOf(ledger, message.visit, shop));
      } else {
        const { visitId, customerId, response } = message;
        await streams.open(visitId, response, async () =>
          viewOf(ledger, await ownVisit(ledger, visitId, customerId), shop),
        );
      }
      node.status(`${streams.count()} watching`, streams.count() > 0 ? 'working' : 'did');
      return undefined;
    };
  },
});
