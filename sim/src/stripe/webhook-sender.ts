// Delivers events to the shop's webhook: signed as Stripe signs, in order, tried again a few times, never for ever.
import { createHmac, randomInt } from 'node:crypto';
import type Stripe from 'stripe';
import type { Delivery } from './switches.ts';

export interface WebhookSenderOptions {
  readonly url: string;
  readonly secret: string;
  readonly nowS: () => number;
  readonly onLog: (line: string) => void;
  readonly delivery: () => Delivery;
  /** After each event that was taken or given up. */
  readonly onSettled: (event: Stripe.Event) => void;
}

/** A receiver that is down loses the oldest: the API's list of events is there to catch up from. */
const WAITING_MAX = 1_000;
/** Waits between the tries of one event. Stripe goes on for three days; a laptop's patience is shorter. */
const RETRY_MS = [250, 1_000, 4_000, 15_000];
const TRY_TIMEOUT_MS = 5_000;

/** `t=…,v1=…` over `t.body` (docs.stripe.com/webhooks/signature). */
export function signatureHeader(body: string, secret: string, nowS: number): string {
  const mac = createHmac('sha256', secret).update(`${nowS}.${body}`).digest('hex');
  return `t=${nowS},v1=${mac}`;
}

export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #waiting: Stripe.Event[] = [];
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /** Returns at once; the answer to the API request that caused the event never waits for its delivery. */
  deliver(event: Stripe.Event): void {
    if (this.#closing.signal.aborted) return;
    if (this.#waiting.length >= WAITING_MAX) {
      const lost = this.#waiting.shift()!;
      this.#options.onLog(`webhook ${lost.type} ${lost.id} given up: ${WAITING_MAX} are waiting`);
    }
    this.#waiting.push(event);
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing waits any more, delivered or given up. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#waiting.length = 0;
    await this.idle();
  }

  async #drain(): Promise<void> {
    // Lets the request that caused the event be answered first.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const delivery = this.#options.delivery();
      // Kept as undelivered; the list of events has them.
      if (delivery.kind === 'never') this.#waiting.length = 0;
      if (delivery.kind === 'late') await pause(delivery.ms, this.#closing.signal);
      for (const event of this.#next(delivery)) await this.#deliverOne(event, delivery.kind === 'twice' ? 2 : 1);
    }
  }

  #next(delivery: Delivery): Stripe.Event[] {
    const batch = this.#waiting.splice(0, delivery.kind === 'shuffled' ? delivery.batch : 1);
    for (let last = batch.length - 1; last > 0; last -= 1) {
      const other = randomInt(last + 1);
      [batch[last], batch[other]] = [batch[other]!, batch[last]!];
    }
    return batch;
  }

  async #deliverOne(event: Stripe.Event, times: number): Promise<void> {
    for (let time = 1; time < times; time += 1) await this.#post(event);
    let outcome = await this.#post(event);
    for (const waitMs of RETRY_MS) {
      if (outcome === 'delivered' || this.#closing.signal.aborted) break;
      await pause(waitMs, this.#closing.signal);
      if (!this.#closing.signal.aborted) outcome = await this.#post(event);
    }
    if (outcome === 'delivered') event.pending_webhooks = 0;
    else this.#options.onLog(`webhook ${event.type} ${event.id} not delivered: ${outcome}`);
    this.#options.onSettled(event);
  }

  async #post(event: Stripe.Event): Promise<string> {
    const { url, secret, nowS } = this.#options;
    const body = JSON.stringify(event, null, 2);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': signatureHeader(body, secret, nowS()),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(TRY_TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      return response.ok ? 'delivered' : `HTTP ${response.status}`;
    } catch (thrown) {
      return thrown instanceof Error ? thrown.name : 'no answer';
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}
