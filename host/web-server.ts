// One web server of ours, with its patience: what is slow is closed, what is honest and slow is not.
import { createServer, type RequestListener, type Server } from 'node:http';
import { ADDRESS_CONNECTIONS_MAX, boundConnections, type Trusts } from './connections-bound.ts';

export interface Patience {
  /** The head of a request fits into a few packets: whoever takes longer is not waiting for an answer. */
  readonly headMs: number;
  /** A whole request: a Pi's picture of 2 MiB over a modem that is barely there takes a few minutes. */
  readonly requestMs: number;
  /** Longer than a proxy keeps an idle connection (Caddy: 2 min): it would send a tap into one that is just closing. */
  readonly idleMs: number;
  /** How often slow ones are looked for. */
  readonly lookMs: number;
  /** Each costs some kilobytes: room for every phone, every live page and thousands that mean no good. */
  readonly connectionsMax: number;
  /** Of them one address (of IPv6, one network) may hold so many. */
  readonly addressConnectionsMax: number;
}

export const PATIENCE: Patience = {
  headMs: 10_000,
  requestMs: 300_000,
  idleMs: 125_000,
  lookMs: 5_000,
  connectionsMax: 10_000,
  addressConnectionsMax: ADDRESS_CONNECTIONS_MAX,
};

const NOBODY: Trusts = () => false;

/** `trusts`: whose connections are others', so not counted by address. */
export function webServer(app: RequestListener, patience: Patience = PATIENCE, trusts: Trusts = NOBODY): Server {
  const server = createServer(
    {
      headersTimeout: patience.headMs,
      requestTimeout: patience.requestMs,
      keepAliveTimeout: patience.idleMs,
      connectionsCheckingInterval: patience.lookMs,
    },
    app,
  );
  boundConnections(server, patience, trusts);
  return server;
}
