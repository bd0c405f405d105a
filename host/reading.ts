// How many bytes of requests may be here at one time: whoever sends says first how many, so who is too much is refused unread.
import type { RequestHandler } from 'express';
import { addressKey } from './address-key.ts';
import { answerError } from './http-error.ts';

export interface ReadingLimits {
  readonly bytesMax: number;
  /** Of them from one address (of IPv6, one network): else one machine keeps everybody else waiting. */
  readonly addressBytesMax: number;
}

/** Seconds: a phone tries again by hand, and a Pi's picture waits for longer by itself. */
const RETRY_AFTER_S = '2';

/** A request counts with all the bytes that it says it has, from its head until its answer: a flow holds them for as long. */
export function boundReading({ bytesMax, addressBytesMax }: ReadingLimits): RequestHandler {
  const byAddress = new Map<string, number>();
  let bytesNow = 0;
  return (request, response, next) => {
    const bytes = Number(request.headers['content-length'] ?? 0);
    if (bytes === 0) return next();
    // It went while others before us waited: nothing would ever say that it is over.
    if (request.socket.destroyed) return;
    const key = addressKey(request);
    const mine = byAddress.get(key) ?? 0;
    if (bytesNow + bytes > bytesMax || mine + bytes > addressBytesMax) {
      return answerError(response.set('Retry-After', RETRY_AFTER_S), 503, 'api.busy');
    }
    bytesNow += bytes;
    byAddress.set(key, mine + bytes);
    const { socket } = request;
    let isOver = false;
    const release = () => {
      // Both may say so in one breath: the socket's close emits the answer's, and whoever is taken off an event while it is told still hears it.
      if (isOver) return;
      isOver = true;
      response.off('close', release);
      socket.off('close', release);
      bytesNow -= bytes;
      const left = byAddress.get(key)! - bytes;
      if (left > 0) byAddress.set(key, left);
      else byAddress.delete(key);
    };
    // An answer that waits for another one on the same connection does not hear that it has closed.
    response.once('close', release);
    socket.once('close', release);
    next();
  };
}
