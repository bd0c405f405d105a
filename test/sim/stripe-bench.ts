// The Stripe stand-in on a bench: started for each test, asked through the official SDK, each exchange held against the
// SDK's types.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunningStripe, type StripeOptions, startStripe } from '@tapcase/sim/stripe/start-stripe';
import Stripe from 'stripe';
import { type StripeCheck, stripeCheck } from './stripe-check.ts';

export const SECRET_KEY = 'sk_test_standin';
export const WEBHOOK_SECRET = 'whsec_standin';

/** Held while the customer is at the door. */
export const HOLD = {
  amount: 500,
  currency: 'usd',
  capture_method: 'manual',
  confirm: true,
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
} as const;

/** Taken while the customer is away. */
export const AWAY = { ...HOLD, capture_method: 'automatic', off_session: true } as const;

export interface Double {
  readonly standin: RunningStripe;
  readonly stripe: Stripe;
  readonly checked: StripeCheck;
  /** Its time, which stands until it is moved: what lasts a week lasts a week on a busy machine, too. */
  readonly startedMs: number;
}

export async function startDouble(more: Partial<StripeOptions> = {}): Promise<Double> {
  const checked = stripeCheck();
  const secrets = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const startedMs = Date.now();
  const now = () => startedMs;
  const standin = await startStripe({ port: 0, ...secrets, now, check: checked.check, ...more });
  return { standin, stripe: client(standin.port), checked, startedMs };
}

export async function stopDouble({ standin, checked }: Double): Promise<void> {
  await standin.close();
  assert.deepEqual(checked.problems, []);
}

/** One for each test of the suite that calls this. */
export function withDouble(more: Partial<StripeOptions> = {}): () => Double {
  let double: Double;
  beforeEach(async () => {
    double = await startDouble(more);
  });
  afterEach(() => stopDouble(double));
  return () => double;
}

export function client(port: number, key = SECRET_KEY): Stripe {
  return new Stripe(key, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

/** A customer whose card is stored. */
export async function cardHolder(stripe: Stripe, magic = 'pm_card_visa') {
  const { id: customer } = await stripe.customers.create({ email: 'ana@example.com' });
  const { id } = await stripe.paymentMethods.attach(magic, { customer });
  return { customer, payment_method: id };
}

/** The SDK's error, checked for the fields that matter. */
export async function refused(call: Promise<unknown>, expected: object): Promise<Stripe.errors.StripeError> {
  const error = await call.then(
    () => assert.fail('was not refused'),
    (thrown: unknown) => thrown as Stripe.errors.StripeError,
  );
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, error[name as keyof typeof error]]));
  assert.deepEqual(found, expected, error.message);
  return error;
}

/** For `onRequest`: lets the first `count` requests wait until all of them are there, so that they run at the same time. */
export function together(count: number): (stage: 'received' | 'executed') => Promise<void> | void {
  const all = Promise.withResolvers<void>();
  let come = 0;
  return (stage) => {
    if (stage === 'executed') return;
    come += 1;
    if (come >= count) all.resolve();
    return all.promise;
  };
}

export interface Receiver {
  readonly url: string;
  /** What came and was taken, in the order of coming. */
  readonly events: Stripe.Event[];
  /** What it answers, in order; 200 afterwards. */
  readonly answers: number[];
  /** Resolves when so many have been taken. */
  taken(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A shop's webhook, which believes what the SDK believes. */
export async function startReceiver(checked: () => StripeCheck): Promise<Receiver> {
  const events: Stripe.Event[] = [];
  const answers: number[] = [];
  const waiting = new Set<() => void>();
  const webhooks = new Stripe(SECRET_KEY).webhooks;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = request.headers['stripe-signature'] as string;
      const event = webhooks.constructEvent(Buffer.concat(chunks), header, WEBHOOK_SECRET);
      checked().checkEvent(event);
      const status = answers.shift() ?? 200;
      if (status === 200) events.push(event);
      response.writeHead(status).end();
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    events,
    answers,
    taken: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (events.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
