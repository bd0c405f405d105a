// Starts a Stripe for a laptop and for tests: stateful, spoken to by the official SDK, with a page to enter test cards.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { createApi } from './api.ts';
import type { Books } from './books.ts';
import { createControls } from './controls.ts';
import { disputePayment } from './disputes.ts';
import type { ApiOptions, Exchange } from './endpoint.ts';
import { Faults } from './faults.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { createPages } from './pages.ts';
import { fileState, memoryState, type State } from './state.ts';
import {
  type Delivery,
  type Misfortune,
  type Plan,
  STANDARD_ACCOUNT,
  type Switches,
  type Weather,
} from './switches.ts';
import { type Later, WebhookSender } from './webhook-sender.ts';
import { createWorld, type World } from './world.ts';

export type { Exchange } from './endpoint.ts';

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
  /** How webhooks wait, for late deliveries and second tries; real time unless said otherwise. */
  readonly later?: Later;
  /** Keeps the books in this file; in memory when not given. */
  readonly stateFile?: string;
  readonly switches?: Partial<Switches>;
  /** Called before and after each API request is executed, and awaited. */
  readonly onRequest?: ApiOptions['onRequest'];
  /** Sees each API request with its answer; what it throws is answered as a 500. */
  readonly check?: (exchange: Exchange) => void;
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
  /** The same with everything that can be said about it. */
  plan(plan: Partial<Plan> & { misfortune: Misfortune }): void;
  /** From now on requests meet with misfortunes at random; `{ probability: 0 }` ends it. */
  weather(weather: Partial<Weather> & { seed?: number }): void;
  /** From now on webhooks are delivered so. */
  deliver(delivery: Delivery): void;
  /** How many requests have met with a misfortune. */
  faultsMet(): number;
  /** Moves the clock forward: holds and pages expire, keys are forgotten. */
  advance(ms: number): void;
  /** The cardholder of this payment disputes it at their bank. Throws where nothing was taken. */
  dispute(intent: string): void;
  /** Ends every connection, as a server does whose clients have said nothing for long. */
  hangUp(): void;
  /** Resolves when every webhook was delivered or given up. */
  webhooksIdle(): Promise<void>;
  close(): Promise<void>;
}

export async function startStripe(options: StripeOptions): Promise<RunningStripe> {
  const { port, host = '127.0.0.1', secretKey, webhookSecret } = options;
  if (secretKey === '' || webhookSecret === '')
    throw new Error('the Stripe stand-in needs a secret key and a webhook secret');
  const app = express().disable('x-powered-by').disable('etag');
  const server = await listen(app, port, host);
  const address = server.address() as AddressInfo;
  const url = `http://${host}:${address.port}`;
  const parts = assemble(options, url);
  mount(app, options, parts);
  const { state, faults, switches, sender } = parts;
  return {
    port: address.port,
    url,
    books: state.books,
    switches,
    failNext: (misfortune, times = 1, matching = /./) => faults.add({ misfortune, times, matching }),
    plan: (plan) => faults.add(plan),
    weather: (weather) => faults.setWeather(weather),
    deliver: parts.deliver,
    faultsMet: () => faults.met,
    advance: parts.advance,
    dispute: parts.dispute,
    hangUp: () => server.closeAllConnections(),
    webhooksIdle: async () => sender?.idle(),
    close: async () => {
      await sender?.close();
      await stop(server);
      state.flush();
      state.close();
    },
  };
}

interface Parts {
  readonly state: State;
  readonly switches: Switches;
  readonly world: World;
  readonly keys: IdempotencyKeys;
  readonly faults: Faults;
  readonly sender: WebhookSender | undefined;
  readonly deliver: (delivery: Delivery) => void;
  readonly advance: (ms: number) => void;
  readonly dispute: (intent: string) => void;
}

function assemble(options: StripeOptions, url: string): Parts {
  const { webhookSecret: secret, webhookUrl, onLog = () => {}, now = Date.now, publicUrl = url } = options;
  const state = options.stateFile === undefined ? memoryState() : fileState(options.stateFile);
  const switches: Switches = { ...STANDARD_ACCOUNT, ...options.switches };
  const world = createWorld({ state, switches, publicUrl, now, onEvent: (event) => sender?.deliver(event) });
  const { nowS } = world.standin;
  let delivery: Delivery = { kind: 'normal' };
  const onSettled = ({ id }: { id: string }) => {
    state.books.events.touch(id);
    state.flush();
  };
  const sending = { secret, nowS, onLog, delivery: () => delivery, later: options.later, onSettled };
  const sender = webhookUrl === undefined ? undefined : new WebhookSender({ ...sending, url: webhookUrl });
  const keys = new IdempotencyKeys(state.books, nowS);
  return {
    state,
    switches,
    world,
    keys,
    faults: new Faults(),
    sender,
    deliver: (next) => {
      delivery = next;
    },
    advance: (ms) => {
      world.advance(ms);
      keys.prune();
      state.flush();
    },
    dispute: (intent) => {
      disputePayment(world.standin, intent);
      state.flush();
    },
  };
}

function mount(app: Express, options: StripeOptions, parts: Parts): void {
  const { state, world, keys, faults, switches, deliver, advance, dispute } = parts;
  app.use((_request, response, next) => {
    world.settleDue();
    // What a page has changed; the API writes before it answers.
    response.once('finish', () => state.flush());
    next();
  });
  const api: ApiOptions = {
    secretKey: options.secretKey,
    latencyMs: options.latencyMs ?? 0,
    onLog: options.onLog ?? (() => {}),
    onRequest: options.onRequest ?? (() => {}),
    check: options.check,
    flush: () => state.flush(),
    causing: world.causing,
    nextFate: (request) => faults.next(`${request.method} ${request.path}`),
  };
  app.use('/v1', createApi(world.standin, keys, api));
  app.use(createControls({ faults, switches, advance, deliver, dispute }));
  app.use(createPages(world.standin));
  app.use(unreadable);
}

function listen(app: Express, port: number, host: string): Promise<Server> {
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
