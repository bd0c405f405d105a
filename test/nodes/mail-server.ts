// A mail server that says how it was spoken to: with TLS from the first byte, after STARTTLS or not at all, as whom, and what was sent.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';

interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface Spoken {
  readonly tls: 'first' | 'later' | 'none';
  /** `user:password`; '' for nobody. */
  readonly as: string;
  readonly from: string;
}

export interface MailServer {
  readonly port: number;
  /** The mails that were taken. */
  readonly taken: readonly Spoken[];
  /** What came in the clear, all connections. */
  clear(): string;
  close(): Promise<void>;
}

interface MailServerOptions {
  readonly identity: Identity;
  /** TLS from the first byte. */
  readonly secure?: boolean;
  readonly offersStartTls?: boolean;
}

export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const { identity, secure = false, offersStartTls = true } = options;
  const taken: Spoken[] = [];
  const sockets = new Set<Socket>();
  let clear = '';

  const talk = (socket: Socket, tls: Spoken['tls'], greeting: string) => {
    let [as, from, isMail] = ['', '', false];
    let rest = '';
    socket.on('error', () => {});
    if (greeting !== '') socket.write(greeting);
    const onData = (chunk: Buffer) => {
      if (tls === 'none') clear += chunk.toString();
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [word = ''] = line.toUpperCase().split(' ');
        if (isMail) {
          if (line !== '.') continue;
          isMail = false;
          taken.push({ tls, as, from });
          socket.write('250 kept\r\n');
        } else if (word === 'EHLO') {
          const starts = tls === 'none' && offersStartTls ? '250-STARTTLS\r\n' : '';
          socket.write(`250-mail.example\r\n${starts}250 AUTH PLAIN\r\n`);
        } else if (word === 'STARTTLS' && offersStartTls) {
          socket.off('data', onData);
          socket.write('220 go on\r\n', () => {
            const inner = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(identity) });
            talk(inner, 'later', '');
          });
          return;
        } else if (word === 'AUTH') {
          const [, user = '', password = ''] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
            .toString()
            .split('\0');
          as = `${user}:${password}`;
          socket.write('235 welcome\r\n');
        } else if (word === 'MAIL') {
          from = /<(.*)>/.exec(line)?.[1] ?? '';
          socket.write('250 ok\r\n');
        } else if (word === 'DATA') {
          isMail = true;
          socket.write('354 go on\r\n');
        } else if (word === 'STARTTLS') socket.write('502 never heard of it\r\n');
        else if (word === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      }
    };
    socket.on('data', onData);
  };

  const hello = '220 mail.example\r\n';
  const server = secure
    ? createTlsServer(identity, (socket) => talk(socket, 'first', hello))
    : createServer((socket) => talk(socket, 'none', hello));
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    taken,
    clear: () => clear,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
