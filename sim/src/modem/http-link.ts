// What the modem needs of a web server, and the real one: one connection, GET after GET, over TCP or TLS.
import { Agent, request as httpRequest } from 'node:http';
import { type Socket, connect as tcpConnect } from 'node:net';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import type { TlsSettings } from './trust.ts';

/** One more than the modem keeps of a body, so that "too long" is seen. */
const BODY_BYTES_MAX = 307_201;
const WAIT_MS = 10_000;

export interface HttpReply {
  readonly status: number;
  readonly body: Buffer;
}

export interface HttpLink {
  readonly connected: boolean;
  /** Rejects when the connection ends before the answer does. */
  get(path: string, headers: Readonly<Record<string, string>>): Promise<HttpReply>;
  end(): void;
}

export type HttpDial = (url: URL, tls: TlsSettings | undefined) => Promise<HttpLink>;

export const dialHttp: HttpDial = async (url, tls) => {
  const socket = await open(url, tls);
  socket.on('error', () => {});
  // The socket is open already, whatever its kind: this agent only hands it out, again and again.
  const agent = new (class extends Agent {
    override createConnection() {
      return socket;
    }
  })({ keepAlive: true, maxSockets: 1 });
  return {
    get connected() {
      return !socket.destroyed && socket.readable;
    },
    get: (path, headers) => get(agent, url, path, headers),
    end: () => {
      agent.destroy();
      socket.destroy();
    },
  };
};

function open(url: URL, tls: TlsSettings | undefined): Promise<Socket> {
  const host = url.hostname;
  const port = Number(url.port || (tls === undefined ? 80 : 443));
  return new Promise((resolve, reject) => {
    const socket: Socket =
      tls === undefined
        ? tcpConnect({ host, port }, () => resolve(socket))
        : tlsConnect({ host, port, ...trusted(tls) }, () => resolve(socket));
    socket.setTimeout(WAIT_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
  });
}

function trusted({ ca, serverName, version }: TlsSettings): ConnectionOptions {
  return {
    rejectUnauthorized: ca !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
  };
}

function get(agent: Agent, url: URL, path: string, headers: Readonly<Record<string, string>>): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const options = { agent, host: url.hostname, port: url.port, path, headers, timeout: WAIT_MS };
    const sent = httpRequest(options, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > BODY_BYTES_MAX) sent.destroy(new Error('too long'));
        else parts.push(part);
      });
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('the connection ended')));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end();
  });
}
