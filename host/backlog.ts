// How much of what we say may wait for somebody who does not read: ws keeps all of it, each answer to a ping as well.
import type { Duplex } from 'node:stream';

/** All that a dashboard is told when it opens is less, by far. */
const BACKLOG_BYTES_MAX = 1024 * 1024;

/** Of one that is HTTP no more. Who reads comes back by itself and asks again. */
export function boundBacklog(socket: Duplex): void {
  const { write } = socket;
  socket.write = function (this: Duplex, ...said: Parameters<Duplex['write']>) {
    // Whoever writes is told by the write itself that it is gone.
    if (socket.writableLength > BACKLOG_BYTES_MAX) socket.destroy();
    return write.apply(this, said);
  } as Duplex['write'];
}

/** Of engine.io, one for each dashboard. */
export interface Packets {
  on(event: 'packetCreate', heard: (packet: { readonly data?: unknown }) => void): unknown;
  on(event: 'flush', heard: () => void): unknown;
  close(discard: true): unknown;
}

/** It gives the socket nothing more until what it gave is sent, and keeps the rest itself. */
export function boundPackets(packets: Packets): void {
  let bytes = 0;
  packets.on('flush', () => {
    bytes = 0;
  });
  packets.on('packetCreate', ({ data }) => {
    bytes += typeof data === 'string' || data instanceof Uint8Array ? data.length : 0;
    if (bytes > BACKLOG_BYTES_MAX) packets.close(true);
  });
}
