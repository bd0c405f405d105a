// Delivers events to the shop's webhook: signed as Stripe signs, tried again a few times, in order or in any disorder
// that a test asks for. One at a time; an event that waits for its next try holds up no other.
import { createHmac, randomInt } from 'node:crypto';
import { Agent, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type Stripe from 'stripe';
import type { Delivery } from './switches.ts';

export interface WebhookSenderOptions {
  readonly url: string;
  readonly secret: string;
  readonly nowS: () => number;
  readonly onLog: (line: string) => void;
  readonly delivery: () => Delivery;
  readonly later?: Later | undefined;
  /** After each event that was taken or given up. */
  readonly onSettled: (event: Stripe.Event) => void;
}

/** Does `work` after so many milliseconds, unless what it returns is called before. */
export type Later = (ms: number, work: () => void) => () => void;

const LATER: Later = (ms, work) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};

interface Job {
  readonly event: Stripe.Event;
  tries: number;
}

/** Beyond these an event is not sent: the API's list of events is there to catch up from. */
const WAITING_MAX = 100_000;
/** Waits between the tries of one event. Stripe goes on for three days; a laptop's patience is shorter. */
const RETRY_MS = [250, 1_000, 4_000, 15_000];
/** A shop on a busy machine answers late; to send again what it is still reading would only make it later. */
const TRY_TIMEOUT_MS = 30_000;
const SHUFFLE_WINDOW_MS = 50;

/** `t=…,v1=…` over `t.body` (docs.stripe.com/webhooks/signature). */
export function signatureHeader(body: string, secret: string, nowS: number): string {
  const mac = createHmac('sha256', secret).update(`${nowS}.${body}`).digest('hex');
  return `t=${nowS},v1=${mac}`;
}

export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #closing = new AbortController();
  /** To be sent, in this order. */
  readonly #ready: Job[] = [];
  /** Waiting to be shuffled. */
  readonly #bag: Job[] = [];
  /** What ends each wait. */
  readonly #waits = new Set<() => void>();
  readonly #idlers: (() => void)[] = [];
  #waiting = 0;
  #running = false;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
  }

  /** Returns at once; the answer to the API request that caused the event never waits for its delivery. */
  deliver(event: Stripe.Event): void {
    const delivery = this.#options.delivery();
    if (this.#closing.signal.aborted || delivery.kind === 'never') return;
    if (this.#waiting >= WAITING_MAX) {
      this.#options.onLog(`webhook ${event.type} ${event.id} not sent: ${WAITING_MAX} are waiting`);
      return;
    }
    const job = { event, tries: 0 };
    this.#waiting += 1;
    switch (delivery.kind) {
      case 'normal':
        return this.#send(job);
      case 'twice':
        this.#waiting += 1;
        this.#send({ event, tries: 0 });
        return this.#send(job);
      case 'late':
        return this.#later(delivery.ms, () => this.#send(job));
      case 'shuffled':
        return this.#shuffle(job, delivery);
      default:
        return delivery satisfies never;
    }
  }

  /** Resolves when nothing waits any more, delivered or given up. */
  idle(): Promise<void> {
    if (this.#waiting === 0 && !this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#idlers.push(resolve));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const end of this.#waits) end();
    this.#waits.clear();
    this.#forget();
    await this.idle();
    this.#agent.destroy();
  }

  #shuffle(job: Job, { batch, windowMs = SHUFFLE_WINDOW_MS }: Delivery & { kind: 'shuffled' }): void {
    this.#bag.push(job);
    if (this.#bag.length === 1) this.#later(windowMs, () => this.#empty());
    if (this.#bag.length >= batch) this.#empty();
  }

  #empty(): void {
    for (const bag = this.#bag; bag.length > 0; ) this.#send(bag.splice(randomInt(bag.length), 1)[0]!);
  }

  #send(job: Job): void {
    this.#ready.push(job);
    if (this.#running) return;
    this.#running = true;
    // Lets the request that caused the event be answered first.
    setImmediate(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    for (let job = this.#ready.shift(); job !== undefined; job = this.#ready.shift()) {
      // Whatever still waits when deliveries are stopped is lost, too.
      if (this.#options.delivery().kind === 'never') this.#end(job, 'deliveries were stopped');
      else await this.#try(job);
    }
    this.#running = false;
    this.#tellIdlers();
  }

  async #try(job: Job): Promise<void> {
    const outcome = await this.#post(job.event);
    if (outcome === 'delivered') return this.#end(job, outcome);
    const waitMs = RETRY_MS[job.tries];
    job.tries += 1;
    if (waitMs === undefined || this.#closing.signal.aborted) return this.#end(job, outcome);
    this.#later(waitMs, () => this.#send(job));
  }

  #end({ event }: Job, outcome: string): void {
    this.#waiting = Math.max(0, this.#waiting - 1);
    if (outcome === 'delivered') event.pending_webhooks = 0;
    else this.#options.onLog(`webhook ${event.type} ${event.id} not delivered: ${outcome}`);
    this.#options.onSettled(event);
    this.#tellIdlers();
  }

  #later(ms: number, work: () => void): void {
    const end = (this.#options.later ?? LATER)(ms, () => {
      this.#waits.delete(end);
      work();
    });
    this.#waits.add(end);
  }

  #forget(): void {
    this.#ready.length = 0;
    this.#bag.length = 0;
    this.#waiting = 0;
    this.#tellIdlers();
  }

  #tellIdlers(): void {
    if (this.#waiting > 0 || this.#running) return;
    for (const resolve of this.#idlers.splice(0)) resolve();
  }

  #post(event: Stripe.Event): Promise<string> {
    const { url, secret, nowS } = this.#options;
    const body = JSON.stringify(event, null, 2);
    const isTls = url.startsWith('https:');
    const options = {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'stripe-signature': signatureHeader(body, secret, nowS()),
      },
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(TRY_TIMEOUT_MS)]),
      ...(isTls ? {} : { agent: this.#agent }),
    };
    return new Promise((resolve) => {
      const sent = (isTls ? requestTls : request)(url, options, (response) => {
        const { statusCode = 0 } = response;
        response.on('error', () => resolve('no answer'));
        response.on('end', () => resolve(statusCode >= 200 && statusCode < 300 ? 'delivered' : `HTTP ${statusCode}`));
        response.resume();
      });
      sent.on('error', (error) => resolve(error.name === 'Error' ? 'no answer' : error.name));
      sent.end(body);
    });
  }
}
