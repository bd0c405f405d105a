// How many connections there may be, and one address of them: whoever keeps us waiting makes room for who comes.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from './address-key.ts';

/**
 * A browser holds six at most (HTTP/1.1), so this is some eighty phones behind one shop's NAT, live pages included; twenty such
 * addresses are half of the server's room.
 */
export const ADDRESS_CONNECTIONS_MAX = 500;
/** What one that is let go still counts until it has closed, and the system may hand us many in one breath. */
const CLOSING_MAX = 1_000;

/** Whether an address speaks for others: it is a proxy of ours, and bounds what it lets in. */
export type Trusts = (address: string) => boolean;

export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly addressConnectionsMax: number;
}

interface Held {
  /** Those that may go, in the order in which they became so: nobody has asked whole by them, or all that was asked is answered. */
  readonly spare: Set<Socket>;
  /** The others: they are owed an answer, and may go too where they do not read it. */
  readonly owed: Set<Socket>;
  count: number;
}

const nobody = (): Held => ({ spare: new Set(), owed: new Set(), count: 0 });

/**
 * One too many takes the place of the spare one that is so for longest, of its own address where that has too many, else of any:
 * browsers keep theirs for minutes after their last request, and open another where one has gone. An honest head and a phone's body
 * come in one breath, so nobody is let go in the middle of them. Where none is spare, one goes that does not read what it is answered;
 * where there is none the new one is refused: what is being answered, a live page too, stays.
 */
export function boundConnections(server: Server, limits: ConnectionLimits, trusts: Trusts): void {
  const { connectionsMax, addressConnectionsMax } = limits;
  const held = new Map<string, Held>();
  const of = new WeakMap<object, Held>();
  const all = nobody();
  /** Requests of a connection that wait for an answer; whoever writes ahead has several. */
  const asking = new WeakMap<object, number>();
  server.maxConnections = connectionsMax + CLOSING_MAX;

  const heldBy = (socket: Socket) => [of.get(socket)!, all];
  const leave = (socket: Socket) => {
    for (const { spare, owed } of heldBy(socket)) if (!spare.delete(socket)) owed.delete(socket);
  };
  /** Last in line, behind those that were so before. */
  const become = (kind: 'spare' | 'owed', socket: Socket) => {
    leave(socket);
    for (const held of heldBy(socket)) held[kind].add(socket);
  };
  /** Whether one could go. It counts until it has closed, which is at once. */
  const makesRoom = ({ spare, owed }: Held): boolean => {
    const [oldest = firstUnread(owed)] = spare;
    if (oldest === undefined) return false;
    leave(oldest);
    oldest.destroy();
    return true;
  };

  server.on('connection', (socket: Socket) => {
    all.count += 1;
    socket.once('close', () => {
      all.count -= 1;
    });
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return;
    if (trusts(remoteAddress)) {
      if (all.count > connectionsMax) makesRoom(all);
      return;
    }
    const key = addressKey({ ip: remoteAddress });
    const mine = held.get(key) ?? nobody();
    const full = mine.count >= addressConnectionsMax ? mine : all.count > connectionsMax ? all : undefined;
    if (full !== undefined && !makesRoom(full)) return void socket.destroy();
    held.set(key, mine);
    of.set(socket, mine);
    mine.count += 1;
    become('spare', socket);
    socket.once('close', () => {
      leave(socket);
      mine.count -= 1;
      if (mine.count === 0) held.delete(key);
    });
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket, headers } = request;
    if (!of.has(socket)) return;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    asking.set(socket, (asking.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (asking.get(socket) ?? 1) - 1;
      asking.set(socket, left);
      if (left === 0 && !socket.destroyed) become('spare', socket);
    });
    // Of some the answer is said first, and of some the end is heard when they have gone.
    const isHere = () => {
      if (asking.get(socket)! > 0 && !socket.destroyed) become('owed', socket);
    };
    if (!hasBody) return isHere();
    // As if it had just come: an upload by a connection that was idle for long is not the first to go.
    become('spare', socket);
    request.once('end', isHere);
  });
  // Whoever takes it says when it is over.
  server.on('upgrade', ({ socket }: IncomingMessage) => {
    if (of.has(socket)) leave(socket);
  });
}

function firstUnread(sockets: Iterable<Socket>): Socket | undefined {
  for (const socket of sockets) if (socket.writableLength > 0) return socket;
  return undefined;
}
