// Idempotency keys as API v1 keeps them (docs.stripe.com/api/idempotent_requests): the first answer of an executed
// request is given again to the same endpoint and parameters; everything else under that key is an error.
import { createHash } from 'node:crypto';
import type { Books } from './books.ts';
import { badRequest, Refusal, type ShouldRetry } from './refusal.ts';

export interface KeyedRequest {
  readonly key: string;
  /** `POST /v1/payment_intents` */
  readonly endpoint: string;
  readonly params: string;
}

export interface Answer {
  readonly status: number;
  /** JSON. Text, because the record goes on changing and the answer never does. */
  readonly text: string;
  readonly shouldRetry: ShouldRetry;
  /** Execution had begun, so this is the answer for good, a refusal included. Refused parameters are not kept. */
  readonly isExecuted: boolean;
}

export interface GivenAnswer extends Answer {
  readonly isReplayed: boolean;
}

const KEY_LENGTH_MAX = 255;
/** Stripe may forget a key after a day; a second use is then a new request, which a caller must be ready for. */
const KEPT_S = 24 * 3_600;
/** About a day of the proof's load; the oldest go first. */
const KEPT_MAX = 200_000;

export class IdempotencyKeys {
  readonly #books: Books;
  readonly #nowS: () => number;
  readonly #running = new Set<string>();

  constructor(books: Books, nowS: () => number) {
    this.#books = books;
    this.#nowS = nowS;
  }

  async answer(request: KeyedRequest, work: () => Promise<Answer>): Promise<GivenAnswer> {
    const { key } = request;
    if (key.length > KEY_LENGTH_MAX) throw badRequest(`Idempotency keys have at most ${KEY_LENGTH_MAX} characters.`);
    const kept = this.#recall(request);
    if (kept !== undefined) return kept;
    if (this.#running.has(key)) {
      throw new Refusal(409, {
        type: 'invalid_request_error',
        code: 'idempotency_key_in_use',
        message: 'There is currently another in-progress request using this idempotency key.',
      });
    }
    this.#running.add(key);
    try {
      const answer = await work();
      if (answer.isExecuted) this.#keep(request, answer);
      return { ...answer, isReplayed: false };
    } finally {
      this.#running.delete(key);
    }
  }

  /** Forgets the keys of yesterday; they lie in the order of their use. */
  prune(): void {
    const { answers } = this.#books;
    for (const [key, { atS }] of answers) {
      if (this.#nowS() - atS < KEPT_S && answers.size <= KEPT_MAX) return;
      answers.delete(key);
    }
  }

  #recall({ key, endpoint, params }: KeyedRequest): GivenAnswer | undefined {
    this.prune();
    const kept = this.#books.answers.get(key);
    if (kept === undefined) return undefined;
    if (kept.endpoint !== endpoint) {
      throw keyReused(`Keys can only be used for the same endpoint they were first used for (${kept.endpoint}).`);
    }
    if (kept.paramsHash !== hashOf(params)) {
      throw keyReused('Keys can only be used with the same parameters they were first used with.');
    }
    const { status, text, shouldRetry } = kept;
    return { status, text, shouldRetry, isExecuted: true, isReplayed: true };
  }

  #keep({ key, endpoint, params }: KeyedRequest, { status, text, shouldRetry }: Answer): void {
    const kept = { endpoint, paramsHash: hashOf(params), status, text, shouldRetry, atS: this.#nowS() };
    this.#books.answers.set(key, kept);
  }
}

function keyReused(message: string): Refusal {
  return new Refusal(400, { type: 'idempotency_error', message });
}

function hashOf(params: string): string {
  return createHash('sha256').update(params).digest('base64url');
}
