// What stands between an order and the wire: each sending of it, the SDK's own repeats included, is held against its time.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Fault } from '@tapcase/domain';
import type Stripe from 'stripe';
import type { StripeClock } from './clock.ts';
import type { SendBefore } from './contract.ts';

type HttpClient = NonNullable<Stripe.StripeConfig['httpClient']>;
type Request = Parameters<HttpClient['makeRequest']>;

interface Sending {
  readonly before: SendBefore;
  sent: number;
  /** It was too late for one of its sendings. */
  refused?: Fault;
}

/** Any answer tells the time; the key that may hold and charge may also list. */
const ASKED_FOR_TIME = '/v1/payment_intents?limit=1';

export interface Fence {
  /** For the SDK. */
  readonly client: HttpClient;
  /** What `call` asks of Stripe goes out before then, or not at all: `stripe.too-late`. */
  keep<T>(before: SendBefore | undefined, call: () => Promise<T>): Promise<T>;
}

export function createFence(inner: HttpClient, clock: StripeClock): Fence {
  const sendings = new AsyncLocalStorage<Sending>();

  async function makeRequest(...request: Request): ReturnType<HttpClient['makeRequest']> {
    const sending = sendings.getStore();
    const [, , , method] = request;
    if (sending !== undefined && method === 'POST') {
      // A machine that slept in the middle of a call may have slept with all its clocks: before a repeat Stripe's is read.
      const isTold = sending.sent === 0 || (await readTime(request));
      if (!isTold || isTooLate(sending.before, clock)) {
        sending.refused = new Fault('stripe.too-late', 'the order has waited too long and is not sent: look first');
        return NOT_SENT;
      }
      sending.sent += 1;
    }
    const response = await inner.makeRequest(...request);
    clock.heard(response.getHeaders());
    return response;
  }

  async function readTime([host, port, , , headers, , protocol, timeout]: Request): Promise<boolean> {
    const own = Object.entries(headers).filter(([name]) => !/^(idempotency-key|content-(type|length))$/i.test(name));
    const response = await inner.makeRequest(
      host,
      port,
      ASKED_FOR_TIME,
      'GET',
      Object.fromEntries(own) as Request[4],
      '',
      protocol,
      timeout,
    );
    await response.toJSON();
    return clock.heard(response.getHeaders());
  }

  return {
    client: { getClientName: () => inner.getClientName(), makeRequest },
    keep: async (before, call) => {
      if (before === undefined) return call();
      const sending: Sending = { before, sent: 0 };
      try {
        return await sendings.run(sending, call);
      } catch (thrown) {
        throw sending.refused ?? thrown;
      }
    },
  };
}

function isTooLate({ stripeMs, lease }: SendBefore, clock: StripeClock): boolean {
  const nowMs = clock.nowMs();
  const isForgotten = stripeMs !== undefined && (nowMs === undefined || nowMs >= stripeMs);
  return isForgotten || (lease !== undefined && lease.since.elapsedMs() >= lease.ms);
}

/** What the SDK is told in place of an answer: an error it would take for a lost connection, and send again. */
const NOT_SENT: Awaited<ReturnType<HttpClient['makeRequest']>> = {
  getStatusCode: () => 400,
  getHeaders: () => ({ 'stripe-should-retry': 'false' }),
  getRawResponse: () => null,
  toStream: () => null,
  toJSON: async () => ({ error: { type: 'invalid_request_error', message: 'not sent' } }),
};
