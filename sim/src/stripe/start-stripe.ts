// Starts a Stripe for a laptop and for tests: stateful, spoken to by the official SDK, with a page to enter test cards.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { createApi, type Misfortune } from './api.ts';
import { type Books, emptyBooks, type Standin } from './books.ts';
import { newEvent } from './events.ts';
import { createPages } from './pages.ts';
import { WebhookSender } from './webhook-sender.ts';

export interface StripeOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Loopback unless said otherwise: whoever reaches it can save cards. */
  readonly host?: string;
  /** `sk_test_…`; the only key it takes. */
  readonly secretKey: string;
  /** `whsec_…`; signs webhooks. */
  readonly webhookSecret: string;
  /** Base of `session.url` as a phone sees it; its own address unless said otherwise. */
  readonly publicUrl?: string;
  /** Where events go; nowhere when not given. */
  readonly webhookUrl?: string;
  /** How long the bank thinks. */
  readonly latencyMs?: number;
  readonly onLog?: (line: string) => void;
  /** Unix milliseconds. Move it, and holds and pages expire. */
  readonly now?: () => number;
}

export interface RunningStripe {
  readonly port: number;
  readonly url: string;
  /** Everything it knows, for audits. Read it; the API is for changes. */
  readonly books: Books;
  /** The next `times` API requests meet with this. */
  failNext(misfortune: Misfortune, times?: number): void;
  /** Resolves when every webhook was delivered or given up. */
  webhooksIdle(): Promise<void>;
  close(): Promise<void>;
}

export async function startStripe(options: StripeOptions): Promise<RunningStripe> {
  const { port, host = '127.0.0.1', secretKey, webhookSecret, webhookUrl, latencyMs = 0 } = options;
  if (secretKey === '' || webhookSecret === '')
    throw new Error('the Stripe stand-in needs a secret key and a webhook secret');
  const onLog = options.onLog ?? (() => {});
  const now = options.now ?? Date.now;
  const nowS = () => Math.floor(now() / 1_000);
  const books = emptyBooks();
  const sender =
    webhookUrl === undefined ? undefined : new WebhookSender({ url: webhookUrl, secret: webhookSecret, nowS, onLog });
  const misfortunes: Misfortune[] = [];

  const app = express().disable('x-powered-by').disable('etag');
  const server = await listen(app, port, host);
  const address = server.address() as AddressInfo;
  const url = `http://${host}:${address.port}`;
  const standin: Standin = {
    books,
    publicUrl: options.publicUrl ?? url,
    nowS,
    emit: (type, object) => {
      const event = newEvent(books, type, object, nowS());
      sender?.deliver(event);
    },
  };
  app.use('/v1', createApi(standin, { secretKey, latencyMs, onLog, nextMisfortune: () => misfortunes.shift() }));
  app.use(createPages(standin));
  app.use(unreadable);

  return {
    port: address.port,
    url,
    books,
    failNext: (misfortune, times = 1) => {
      misfortunes.push(...Array<Misfortune>(times).fill(misfortune));
    },
    webhooksIdle: async () => sender?.idle(),
    close: async () => {
      await sender?.close();
      await stop(server);
    },
  };
}

function listen(app: express.Express, port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = app.listen(port, host, () => resolve(server));
    server.once('error', reject);
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A body too long or not decodable: refused in Stripe's shape, never Express's page with a stack. */
const unreadable: ErrorRequestHandler = (error: { status?: unknown }, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status = typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : 500;
  response.status(status).json({ error: { type: 'invalid_request_error', message: 'This request cannot be read.' } });
};
