// How much of what we say to a socket may wait for somebody who does not read: ws keeps all of it, each answer to a ping as well.
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
