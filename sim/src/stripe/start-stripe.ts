// Starts a Stripe for a laptop and for tests: stateful, spoken to by the official SDK, with a page to enter test cards.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { type ApiOptions, createApi } from './api.ts';
import { type Books, type Standin, touch } from './books.ts';
import { findSession } from './checkout.ts';
import { createControls } from './controls.ts';
import { newEvent } from './events.ts';
import { Faults } from './faults.ts';
import { createPages } from './pages.ts';
import { findPaymentIntent } from './payment-intents.ts';
import { fileState, memoryState } from './state.ts';
import { type Delivery, type Misfortune, STANDARD_ACCOUNT, type Switches, type Weather } from './switches.ts';
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
  /** Unix milliseconds. Move it, or call `advance`, and holds and pages expire. */
  readonly now?: () => number;
  /** Keeps the books in this file; in memory when not given. */
  readonly stateFile?: string;
  readonly switches?: Partial<Switches>;
  /** Called before and after each API request is executed, and awaited. */
  readonly onRequest?: ApiOptions['onRequest'];
}

export interface RunningStripe {
  readonly port: number;
  readonly url: string;
  /** Everything it knows, for audits. Read it; the API is for changes. */
  readonly books: Books;
  /** What the account may do; change it at any time. */
  readonly switches: Switches;
  /** The next `times` API requests whose `METHOD /v1/path` matches meet with this. */
  failNext(misfortune: Misfortune, times?: number, matching?: RegExp): void;
  /** From now on requests meet with misfortunes at random; `{ probability: 0 }` ends it. */
  weather(weather: Partial<Weather>): void;
  /** From now on webhooks are delivered so. */
  deliver(delivery: Delivery): void;
  /** How many requests have met with a misfortune. */
  faultsMet(): number;
  /** Moves the clock forward: holds and pages expire, keys are forgotten. */
  advance(ms: number): void;
  /** Resolves when every webhook was delivered or given up. */
  webhooksIdle(): Promise<void>;
  close(): Promise<void>;
}

export async function startStripe(options: StripeOptions): Promise<RunningStripe> {
  const { port, host = '127.0.0.1', secretKey, webhookSecret, webhookUrl, latencyMs = 0 } = options;
  if (secretKey === '' || webhookSecret === '')
    throw new Error('the Stripe stand-in needs a secret key and a webhook secret');
  const onLog = options.onLog ?? (() => {});
  let offsetMs = 0;
  const nowS = () => Math.floor(((options.now ?? Date.now)() + offsetMs) / 1_000);
  const state = options.stateFile === undefined ? memoryState() : fileState(options.stateFile);
  const { books } = state;
  const switches: Switches = { ...STANDARD_ACCOUNT, ...options.switches };
  const faults = new Faults();
  let delivery: Delivery = { kind: 'normal' };
  const onSettled = ({ id }: { id: string }) => {
    books.events.touch(id);
    state.flush();
  };
  const sending = { url: webhookUrl ?? '', secret: webhookSecret, nowS, onLog, delivery: () => delivery, onSettled };
  const sender = webhookUrl === undefined ? undefined : new WebhookSender(sending);

  const app = express().disable('x-powered-by').disable('etag');
  const server = await listen(app, port, host);
  const address = server.address() as AddressInfo;
  const url = `http://${host}:${address.port}`;
  const standin: Standin = {
    books,
    switches,
    publicUrl: options.publicUrl ?? url,
    nowS,
    emit: (type, object) => {
      touch(books, object);
      const event = newEvent(books, type, object, nowS());
      sender?.deliver(event);
    },
    later: (work) =>
      void setImmediate(() => {
        work();
        state.flush();
      }),
  };
  const api: ApiOptions = {
    secretKey,
    latencyMs,
    onLog,
    slowMs: () => faults.slowMs,
    onRequest: options.onRequest ?? (() => {}),
    flush: () => state.flush(),
    nextMisfortune: (request) => faults.next(`${request.method} ${request.path}`),
  };
  app.use('/v1', createApi(standin, api));
  const advance = (ms: number) => {
    offsetMs += ms;
    expireAll(standin);
    state.flush();
  };
  const deliver = (next: Delivery) => {
    delivery = next;
  };
  const controls = { faults, switches, advance, deliver };
  app.use(createControls(controls));
  app.use((_request, response, next) => {
    // A page's answer leaves after its changes are written down, as the API's do.
    response.once('finish', () => state.flush());
    next();
  });
  app.use(createPages(standin));
  app.use(unreadable);

  return {
    port: address.port,
    url,
    books,
    switches,
    failNext: (misfortune, times = 1, matching = /./) => faults.add(misfortune, times, matching),
    weather: (weather) => faults.setWeather(weather),
    deliver,
    faultsMet: () => faults.met,
    advance,
    webhooksIdle: async () => sender?.idle(),
    close: async () => {
      await sender?.close();
      await stop(server);
      state.flush();
      state.close();
    },
  };
}

/** Whatever the moved clock has ended; looking at it is what ends it. */
function expireAll(standin: Standin): void {
  for (const { id, status } of [...standin.books.paymentIntents.values()]) {
    if (status === 'requires_capture') findPaymentIntent(standin, id);
  }
  for (const { id, status } of [...standin.books.sessions.values()]) if (status === 'open') findSession(standin, id);
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
