// How many connections one address may hold: else one machine holds all that the server has room for, and nobody else gets in.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from './address-key.ts';

/**
 * A browser holds six at most (HTTP/1.1), so this is some eighty phones behind one shop's NAT, live pages included; twenty such
 * addresses are half of the server's room.
 */
export const ADDRESS_CONNECTIONS_MAX = 500;

/** Whether an address speaks for others: it is a proxy of ours, and bounds what it lets in. */
export type Trusts = (address: string) => boolean;

interface Held {
  /** Idle ones in the order in which they became so: nobody has asked by them, or all that was asked is answered. */
  readonly idle: Set<Socket>;
  count: number;
}

/**
 * One too many takes the place of the one that is idle for longest: browsers keep theirs for minutes after their last request, and
 * open another where one has gone. Where none is idle the new one is refused: what is being answered, a live page too, stays.
 */
export function boundConnections(server: Server, connectionsMax: number, trusts: Trusts): void {
  const held = new Map<string, Held>();
  const of = new WeakMap<object, Held>();
  /** Requests of a connection that wait for an answer; whoever writes ahead has several. */
  const asking = new WeakMap<object, number>();

  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || trusts(remoteAddress)) return;
    const key = addressKey({ ip: remoteAddress });
    const mine = held.get(key) ?? { idle: new Set(), count: 0 };
    if (mine.count >= connectionsMax) {
      const [oldest] = mine.idle;
      if (oldest === undefined) return void socket.destroy();
      // It counts until it has closed, which is at once: nobody is owed an answer by it.
      mine.idle.delete(oldest);
      oldest.destroy();
    }
    held.set(key, mine);
    of.set(socket, mine);
    mine.count += 1;
    mine.idle.add(socket);
    socket.once('close', () => {
      mine.idle.delete(socket);
      mine.count -= 1;
      if (mine.count === 0) held.delete(key);
    });
  });
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const mine = of.get(socket);
    if (mine === undefined) return;
    mine.idle.delete(socket);
    asking.set(socket, (asking.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (asking.get(socket) ?? 1) - 1;
      asking.set(socket, left);
      if (left === 0 && !socket.destroyed) mine.idle.add(socket);
    });
  });
  // Whoever takes it says when it is over.
  server.on('upgrade', ({ socket }: IncomingMessage) => void of.get(socket)?.idle.delete(socket));
}
