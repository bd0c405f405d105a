// One request of the API, in Stripe's order: who asks, whether its key was used before, execution, the answer, and
// between them the misfortunes that a test has ordered.
import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { API_VERSION, newId, type Standin, touch } from './books.ts';
import type { Cause } from './events.ts';
import { checkExpansions, expanded } from './expand.ts';
import type { Fate } from './faults.ts';
import { decodeForm } from './form.ts';
import type { Answer, GivenAnswer, IdempotencyKeys } from './idempotency.ts';
import { Params } from './params.ts';
import { Refusal } from './refusal.ts';

export interface ApiOptions {
  readonly secretKey: string;
  readonly latencyMs: number;
  readonly onLog: (line: string) => void;
  /** Before and after the request is executed; awaited, so a test may act exactly between the two. */
  readonly onRequest: (stage: 'received' | 'executed', request: SeenRequest) => void | Promise<void>;
  /** Sees each question with its answer; what it throws becomes the answer, a 500. */
  readonly check: ((exchange: Exchange) => void) | undefined;
  /** Writes the books down before an answer leaves. */
  readonly flush: () => void;
  /** Runs `work`; the events that it causes are this request's. */
  readonly causing: <T>(cause: Cause, work: () => T) => T;
  nextFate(request: SeenRequest): Fate | undefined;
}

export interface SeenRequest {
  readonly method: string;
  /** `/v1/payment_intents/pi_1/capture` */
  readonly path: string;
  readonly idempotencyKey: string | undefined;
}

/** A question and its answer, as they crossed the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** The body of a POST, the query of a GET, undecoded. */
  readonly form: string;
  readonly status: number;
  /** JSON. */
  readonly answer: string;
}

export type Operation = (standin: Standin, params: Params, ids: { id: string }) => object;

export function endpoint(
  standin: Standin,
  options: ApiOptions,
  keys: IdempotencyKeys,
  operation: Operation,
): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const seen = seenRequest(request);
    try {
      await options.onRequest('received', seen);
      const fate = options.nextFate(seen);
      if (fate?.misfortune === 'drop-before') return void request.socket.destroy();
      const given = await answerTo(request, response, fate);
      options.flush();
      options.check?.({ ...seen, form: formOf(request), status: given.status, answer: given.text });
      await options.onRequest('executed', seen);
      if (fate?.misfortune === 'drop-after') return void request.socket.destroy();
      if (fate?.misfortune === 'slow') await pause(fate.slowMs, response);
      send(response, given);
    } catch (thrown) {
      options.onLog(`stand-in's own mistake: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
      send(response, refusedWith(500, { type: 'api_error', message: `The stand-in made a mistake: ${thrown}` }));
    }
  };

  async function answerTo(request: Request, response: Response, fate: Fate | undefined): Promise<GivenAnswer> {
    try {
      const requestId = startAnswer(request, response, options, standin.nowS());
      authenticate(request, options.secretKey);
      const hindered = hinder(fate);
      if (hindered !== undefined) return hindered;
      return await answerOnce(request, keys, async () => {
        if (options.latencyMs > 0) await pause(options.latencyMs, response);
        const cause = { id: requestId, idempotency_key: request.get('idempotency-key') ?? null };
        const answer = options.causing(cause, () => execute(standin, request, operation));
        return fate?.misfortune === 'error-after' ? failed(answer, fate) : answer;
      });
    } catch (thrown) {
      if (thrown instanceof Refusal) return refusedWith(thrown.status, thrown.body);
      throw thrown;
    }
  }
}

function seenRequest(request: Request): SeenRequest {
  const path = `${request.baseUrl}${request.path}`;
  return { method: request.method, path, idempotencyKey: request.get('idempotency-key') };
}

function startAnswer(request: Request, response: Response, { onLog }: ApiOptions, nowS: number): string {
  const version = request.get('stripe-version') ?? API_VERSION;
  if (version !== API_VERSION) onLog(`asked for API version ${version.slice(0, 40)}; this is ${API_VERSION}`);
  const id = newId('req', 14);
  response.set('Request-Id', id);
  // Stripe's own clock, which is this one.
  response.set('Date', new Date(nowS * 1_000).toUTCString());
  response.set('Stripe-Version', API_VERSION);
  const key = request.get('idempotency-key');
  if (key !== undefined) response.set('Idempotency-Key', key);
  return id;
}

function authenticate(request: Request, secretKey: string): void {
  const given = Buffer.from(/^Bearer (.+)$/.exec(request.get('authorization') ?? '')?.[1] ?? '');
  const known = Buffer.from(secretKey);
  if (given.length === known.length && timingSafeEqual(given, known)) return;
  throw new Refusal(401, { type: 'invalid_request_error', message: 'Invalid API Key provided.' });
}

/** Nothing is done, and nothing is kept under the key. */
function hinder(fate: Fate | undefined): GivenAnswer | undefined {
  const type = 'invalid_request_error';
  switch (fate?.misfortune) {
    case 'rate-limit':
      return refusedWith(429, { type, code: 'rate_limit', message: 'Too many requests.' });
    case 'lock-timeout':
      return refusedWith(
        429,
        { type, code: 'lock_timeout', message: 'This object is in use by another request.' },
        true,
      );
    case 'error-before':
      return refusedWith(500, { type: 'api_error', message: 'An unknown error occurred.' }, true);
    default:
      return undefined;
  }
}

function answerOnce(request: Request, keys: IdempotencyKeys, work: () => Promise<Answer>): Promise<GivenAnswer> {
  const key = request.get('idempotency-key');
  // GET and DELETE are idempotent by themselves; a key on them means nothing.
  if (key === undefined || request.method !== 'POST')
    return work().then((answer) => ({ ...answer, isReplayed: false }));
  const endpoint = `POST ${request.baseUrl}${request.path}`;
  return keys.answer({ key, endpoint, params: formOf(request) }, work);
}

/** Checks, executes, and says whether the answer is one to keep. */
function execute(standin: Standin, request: Request, operation: Operation): Answer {
  const params = new Params(decodeForm(formOf(request)));
  try {
    const expand = params.texts('expand') ?? [];
    checkExpansions(expand);
    const record = operation(standin, params, { id: (request.params as { id?: string }).id ?? '' });
    if (request.method === 'POST') touch(standin.books, record);
    const text = JSON.stringify(expanded(standin.books, record, expand));
    return { status: 200, text, shouldRetry: null, isExecuted: true };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { ...refusedWith(thrown.status, thrown.body), isExecuted: params.ended };
    throw thrown;
  }
}

function formOf(request: Request): string {
  if (request.method === 'GET') return request.originalUrl.split('?')[1] ?? '';
  return typeof request.body === 'string' ? request.body : '';
}

/** The work is done, and nobody is told. */
function failed({ isExecuted }: Answer, { shouldRetry }: Fate): Answer {
  const answer = refusedWith(500, { type: 'api_error', message: 'An unknown error occurred.' }, shouldRetry);
  return { ...answer, isExecuted };
}

function refusedWith(status: number, error: Refusal['body'], shouldRetry: boolean | null = null): GivenAnswer {
  return { status, text: JSON.stringify({ error }), shouldRetry, isExecuted: false, isReplayed: false };
}

/** Ends when nobody waits for the answer any more. */
function pause(ms: number, response: Response): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      response.off('close', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    response.on('close', end);
  });
}

function send(response: Response, { status, text, shouldRetry, isReplayed }: GivenAnswer): void {
  if (isReplayed) response.set('Idempotent-Replayed', 'true');
  if (shouldRetry !== null) response.set('Stripe-Should-Retry', String(shouldRetry));
  // Not Express's send(): it parses the content type anew for each answer.
  const body = Buffer.from(text);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
  response.end(body);
}
