// Keeps the phones that watch a visit up to date, over one long answer each (server-sent events).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asFields, incomplete, parsed, says } from '@tapcase/define-node';
import type { Visit } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { paramOf, requiredCustomer, requiredVisit } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { ownVisit, viewOf } from '../own-visit.ts';
import type { ViewPart } from './contract.ts';
import { createStreams } from './streams.ts';

type LiveMessage =
  | { readonly kind: 'watch'; readonly visitId: string; readonly customerId: string; readonly response: ServerResponse }
  | { readonly kind: 'tell'; readonly visit: Visit };

export const livePart: ViewPart<LiveMessage> = {
  /** `customer.unknown` for a watcher who is not signed in, `message.incomplete` for a message that is neither. */
  parseMessage: (raw) =>
    parsed((): LiveMessage => {
      const response = waitingResponse(raw);
      if (response === undefined) return { kind: 'tell', visit: requiredVisit(raw) };
      const visitId = paramOf(raw, 'visit');
      if (visitId === '') throw incomplete('req.params.visit');
      return { kind: 'watch', visitId, customerId: requiredCustomer(raw).id, response };
    }),
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
      node.status(says('__n__ watching', { n: streams.count() }), streams.count() > 0 ? 'working' : 'did');
      return undefined;
    };
  },
};

/**
 * The response of a GET that nobody has answered yet. The message of a tap (a POST) also carries its response all the way
 * to the visit's change, and that one belongs to whoever answers the tap.
 */
function waitingResponse(raw: unknown): ServerResponse | undefined {
  const { req, res } = asFields(raw);
  const response = asFields(res)._res as ServerResponse | undefined;
  if (response === undefined || (asFields(req) as Partial<IncomingMessage>).method !== 'GET') return undefined;
  return response.headersSent ? undefined : response;
}
