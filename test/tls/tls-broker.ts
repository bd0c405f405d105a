// An MQTT broker over TLS whose certificate can be changed while it runs, and what reached it: nothing may, behind a certificate
// that proves nothing.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { Aedes } from 'aedes';
import { until } from '../patience.ts';

interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** What a CONNECT carried. */
export interface Login {
  readonly clientId: string;
  readonly user: string;
  readonly password: string;
}

export interface TlsBroker {
  readonly port: number;
  readonly logins: readonly Login[];
  /** Bytes that came through the TLS of all connections. */
  bytes(): number;
  /** From now on it shows this one; who is connected is thrown out and meets it. */
  show(identity: Identity): void;
  /** Resolves once so many more connections were made and given up again, or one said who it is. */
  attempts(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startTlsBroker(identity: Identity): Promise<TlsBroker> {
  const sockets = new Set<Socket>();
  const logins: Login[] = [];
  let [bytes, ended] = [0, 0];
  const aedes = await Aedes.createBroker({
    authenticate: (client, user, password, done) => {
      logins.push({ clientId: client.id, user: user ?? '', password: password?.toString() ?? '' });
      done(null, true);
    },
  });
  const server = createServer(identity, (socket) => {
    socket.on('data', (data) => {
      bytes += data.length;
    });
    aedes.handle(socket);
  });
  // A client that does not believe the certificate may say so in the middle of the handshake.
  server.on('tlsClientError', () => {});
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      ended += 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    logins,
    bytes: () => bytes,
    show: (next) => {
      server.setSecureContext(next);
      cut();
    },
    attempts: async (count) => {
      const wanted = ended + count;
      await until('the client to try again', () => ended >= wanted || logins.length > 0);
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      aedes.close();
      await closed;
    },
  };
}
