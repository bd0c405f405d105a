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
    const turns = new Map<string, Promise<void>>();
    const show = async (visitId: string) => {
      if (!streams.watches(visitId)) return;
      try {
        const visit = await ledger.visit(visitId);
        if (visit !== undefined) streams.tell(await viewOf(ledger, visit, shop));
      } catch {
        // Whoever cannot be told now asks again, and hears then what the matter is.
        streams.drop(visitId);
      }
    };
    /** One after the other: what was read first must not be told last. */
    const showInTurn = (visitId: string) => {
      const turn = (turns.get(visitId) ?? Promise.resolve()).then(() => show(visitId));
      turns.set(visitId, turn);
      void turn.then(() => turns.get(visitId) === turn && turns.delete(visitId));
    };
    const others = listener(ledger, (visitId) => {
      for (const id of visitId === null ? streams.watched() : [visitId]) showInTurn(id);
    });
    node.onClose(async () => {
      await others.stop();
      streams.close();
    });
    return async (message) => {
      if (message.kind === 'tell') {
        // Nobody watches most of the time, and a view is three questions to the ledger.
        if (streams.watches(message.visit.id)) streams.tell(await viewOf(ledger, message.visit, shop));
      } else {
        const { visitId, customerId, response } = message;
        await others.listen();
        await streams.open(visitId, response, async () =>
          viewOf(ledger, await ownVisit(ledger, visitId, customerId), shop),
        );
      }
      node.status(says('__n__ watching', { n: streams.count() }), streams.count() > 0 ? 'working' : 'did');
      return undefined;
    };
  },
};

/** To what other instances of the cloud do: the phone is here, and whoever the case speaks to may be another. */
function listener(ledger: Ledger, moved: (visitId: string | null) => void) {
  let listening: Promise<() => void> | undefined;
  return {
    /** From the first phone on. A ledger that cannot be reached refuses the phone, which asks again. */
    listen: async () => {
      listening ??= ledger.watchVisits(moved);
      try {
        await listening;
      } catch (thrown) {
        listening = undefined;
        throw thrown;
      }
    },
    stop: async () => (await listening?.catch(() => undefined))?.(),
  };
}

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
