// How many bytes of requests may be here at one time: whoever sends says first how many, and who goes on sending too slowly makes
// room for who comes.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { addressKey } from './address-key.ts';
import { answerError } from './http-error.ts';

export interface ReadingLimits {
  readonly bytesMax: number;
  /** Of them from one address (of IPv6, one network): else one machine keeps everybody else waiting. */
  readonly addressBytesMax: number;
}

interface Held {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly release: () => void;
}

interface Holder {
  bytes: number;
  /** In the order in which they began. */
  readonly held: Set<Held>;
}

/** Seconds: a phone tries again by hand, and a Pi's picture waits for longer by itself. */
const RETRY_AFTER_S = '2';

/**
 * A request counts with all the bytes that it says it has, from its head until its answer: a flow holds them for as long. Where
 * there is no room for one more, the one goes that has kept us waiting for longest: a phone's bytes come with their head, and
 * who says that there are some and sends none would hold the room for minutes (web-server.ts). What waits for us stays, and where
 * there is nothing else the new one is refused unread.
 */
export function boundReading({ bytesMax, addressBytesMax }: ReadingLimits): RequestHandler {
  const byAddress = new Map<string, Holder>();
  const all: Holder = { bytes: 0, held: new Set() };
  return (request, response, next) => {
    const bytes = Number(request.headers['content-length'] ?? 0);
    if (bytes === 0) return next();
    // It went while others before us waited: nothing would ever say that it is over.
    if (request.socket.destroyed) return;
    const key = addressKey(request);
    const mine = byAddress.get(key) ?? { bytes: 0, held: new Set() };
    // Of its own first: who is alone at an address loses nothing to one that sends too much.
    if (!makeRoom(mine, bytes, addressBytesMax) || !makeRoom(all, bytes, bytesMax)) {
      return answerError(response.set('Retry-After', RETRY_AFTER_S), 503, 'api.busy');
    }
    const { socket } = request;
    let isOver = false;
    const held: Held = {
      request,
      response,
      release: () => {
        // Both may say so in one breath: the socket's close emits the answer's, and whoever is taken off an event while it is told still hears it.
        if (isOver) return;
        isOver = true;
        response.off('close', held.release);
        socket.off('close', held.release);
        for (const holder of [mine, all]) {
          holder.bytes -= bytes;
          holder.held.delete(held);
        }
        if (mine.bytes === 0 && byAddress.get(key) === mine) byAddress.delete(key);
      },
    };
    byAddress.set(key, mine);
    for (const holder of [mine, all]) {
      holder.bytes += bytes;
      holder.held.add(held);
    }
    // An answer that waits for another one on the same connection does not hear that it has closed.
    response.once('close', held.release);
    socket.once('close', held.release);
    next();
  };
}

/** Whether there is room now. Of those that wait for us there is one for each connection at most, so not many are looked at. */
function makeRoom(holder: Holder, bytes: number, bytesMax: number): boolean {
  for (const held of holder.held) {
    if (holder.bytes + bytes <= bytesMax) return true;
    if (waitsForUs(held)) continue;
    held.release();
    held.request.socket.destroy();
  }
  return holder.bytes + bytes <= bytesMax;
}

/** All of it is here, its turn has come, and nobody has answered it: else its sender does not send, or does not read. */
function waitsForUs({ request, response }: Held): boolean {
  // Its turn: what is written ahead on one connection has no socket until all before it is answered.
  return request.complete && response.socket !== null && !response.writableEnded;
}
