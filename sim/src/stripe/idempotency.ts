// Idempotency keys as API v1 keeps them (docs.stripe.com/api/idempotent_requests): the first answer of an executed
// request is given again to the same endpoint and parameters; everything else under that key is an error.
import { createHash } from 'node:crypto';
import type { Books } from './books.ts';
import { badRequest, Refusal } from './refusal.ts';

export interface KeyedRequest {
  readonly key: string;
  /** `POST /v1/payment_intents` */
  readonly endpoint: string;
  readonly params: string;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
  /** Execution had begun, so this is the answer for good, a refusal included. Refused parameters are not kept. */
  readonly executed: boolean;
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

  async answer(request: KeyedRequest, work: () => Promise<Answer>): Promise<Answer & { replayed: boolean }> {
    const { key } = request;
    if (key.length > KEY_LENGTH_MAX) throw badRequest(`Idempotency keys have at most ${KEY_LENGTH_MAX} characters.`);
    const kept = this.#recall(request);
    if (kept !== undefined) return { ...kept, executed: true, replayed: true };
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
      if (answer.executed) this.#keep(request, answer);
      return { ...answer, replayed: false };
    } finally {
      this.#running.delete(key);
    }
  }

  #recall({ key, endpoint, params }: KeyedRequest): { status: number; body: object } | undefined {
    const kept = this.#books.answers.get(key);
    if (kept === undefined) return undefined;
    if (this.#nowS() - kept.atS >= KEPT_S) {
      this.#books.answers.delete(key);
      return undefined;
    }
    if (kept.endpoint !== endpoint) {
      throw keyReused(`Keys can only be used for the same endpoint they were first used for (${kept.endpoint}).`);
    }
    if (kept.paramsHash !== hashOf(params)) {
      throw keyReused('Keys can only be used with the same parameters they were first used with.');
    }
    return kept;
  }

  #keep({ key, endpoint, params }: KeyedRequest, { status, body }: Answer): void {
    const { answers } = this.#books;
    const oldest = answers.size >= KEPT_MAX ? answers.keys().next().value : undefined;
    if (oldest !== undefined) answers.delete(oldest);
    // A copy: the record in the books goes on changing, the answer never does.
    const copy = structuredClone(body);
    answers.set(key, { endpoint, paramsHash: hashOf(params), status, body: copy, atS: this.#nowS() });
  }
}

function keyReused(message: string): Refusal {
  return new Refusal(400, { type: 'idempotency_error', message });
}

function hashOf(params: string): string {
  return createHash('sha256').update(params).digest('base64url');
}
