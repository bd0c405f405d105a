// The HTTP API under /v1: who may ask, in which order a request is checked, executed and remembered.
import { timingSafeEqual } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { API_VERSION, newId, type Standin, touch } from './books.ts';
import { createSession, expireSession, retrieveSession, retrieveSetupIntent } from './checkout.ts';
import * as customers from './customers.ts';
import { listEvents, retrieveEvent } from './events.ts';
import { checkExpansions, expanded } from './expand.ts';
import { decodeForm } from './form.ts';
import { type Answer, IdempotencyKeys } from './idempotency.ts';
import { Params } from './params.ts';
import * as intents from './payment-intents.ts';
import * as refunds from './refunds.ts';
import { Refusal } from './refusal.ts';
import type { Misfortune } from './switches.ts';

export interface ApiOptions {
  readonly secretKey: string;
  readonly latencyMs: number;
  readonly onLog: (line: string) => void;
  readonly slowMs: () => number;
  /** Before and after the request is executed; awaited, so a test may act exactly between the two. */
  readonly onRequest: (stage: 'received' | 'executed', request: SeenRequest) => void | Promise<void>;
  /** Writes the books down before an answer leaves. */
  readonly flush: () => void;
  nextMisfortune(request: SeenRequest): Misfortune | undefined;
}

export interface SeenRequest {
  readonly method: string;
  /** `/v1/payment_intents/pi_1/capture` */
  readonly path: string;
  readonly idempotencyKey: string | undefined;
}

type Operation = (standin: Standin, params: Params, ids: { id: string }) => object;

/** A request's parameters: 50 pairs of metadata at their longest are 27 kB. */
const BODY_LIMIT = '64kb';

export function createApi(standin: Standin, options: ApiOptions): Router {
  const keys = new IdempotencyKeys(standin.books, () => standin.nowS());
  const api = express.Router();
  api.use(express.text({ type: () => true, limit: BODY_LIMIT }));
  const at = (operation: Operation) => endpoint(standin, options, keys, operation);

  api.post('/customers', at(customers.createCustomer));
  api.get('/customers/:id', at(customers.retrieveCustomer));
  api.post('/customers/:id', at(customers.updateCustomer));
  api.get('/customers/:id/payment_methods', at(customers.listPaymentMethods));
  api.get(
    '/payment_methods',
    at((from, params) => customers.listPaymentMethods(from, params, {})),
  );
  api.get('/payment_methods/:id', at(customers.retrievePaymentMethod));
  api.post('/payment_methods/:id/attach', at(customers.attachPaymentMethod));
  api.post('/payment_methods/:id/detach', at(customers.detachPaymentMethod));
  api.post('/checkout/sessions', at(createSession));
  api.get('/checkout/sessions/:id', at(retrieveSession));
  api.post('/checkout/sessions/:id/expire', at(expireSession));
  api.get('/setup_intents/:id', at(retrieveSetupIntent));
  api.get('/payment_intents', at(intents.listPaymentIntents));
  api.post('/payment_intents', at(intents.createPaymentIntent));
  api.get('/payment_intents/:id', at(intents.retrievePaymentIntent));
  api.post('/payment_intents/:id', at(intents.updatePaymentIntent));
  api.post('/payment_intents/:id/confirm', at(intents.confirmPaymentIntent));
  api.post('/payment_intents/:id/capture', at(intents.capturePaymentIntent));
  api.post('/payment_intents/:id/cancel', at(intents.cancelPaymentIntent));
  api.post('/payment_intents/:id/increment_authorization', at(intents.incrementAuthorization));
  api.get('/charges/:id', at(intents.retrieveCharge));
  api.get('/refunds', at(refunds.listRefunds));
  api.post('/refunds', at(refunds.createRefund));
  api.get('/refunds/:id', at(refunds.retrieveRefund));
  api.get('/events', at(listEvents));
  api.get('/events/:id', at(retrieveEvent));
  api.use((request, response) => {
    const message = `Unrecognized request URL (${request.method}: /v1${request.path.slice(0, 100)}).`;
    response.status(404).json({ error: { type: 'invalid_request_error', message } });
  });
  return api;
}

function endpoint(
  standin: Standin,
  options: ApiOptions,
  keys: IdempotencyKeys,
  operation: Operation,
): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const seen = seenRequest(request);
    await options.onRequest('received', seen);
    const fate = options.nextMisfortune(seen);
    if (fate === 'drop-before') return void request.socket.destroy();
    startAnswer(request, response, options);
    try {
      authenticate(request, options.secretKey);
      refuseBefore(fate);
      const { status, body, replayed } = await answerRequest(request, keys, async () => {
        if (options.latencyMs > 0) await pause(options.latencyMs);
        const answer = execute(standin, request, operation);
        return fate === 'error-after' ? failed(answer) : answer;
      });
      options.flush();
      await options.onRequest('executed', seen);
      if (fate === 'drop-after') return void request.socket.destroy();
      if (fate === 'slow') await pause(options.slowMs());
      if (replayed) response.set('Idempotent-Replayed', 'true');
      send(response, status, body);
    } catch (thrown) {
      const { status, body } = answerFor(thrown, options.onLog);
      if (fate === 'lock-timeout' || fate === 'error-before') response.set('Stripe-Should-Retry', 'true');
      send(response, status, body);
    }
  };
}

function seenRequest(request: Request): SeenRequest {
  const path = `${request.baseUrl}${request.path}`;
  return { method: request.method, path, idempotencyKey: request.get('idempotency-key') };
}

/** Nothing is done, and nothing is kept under the key. */
function refuseBefore(fate: Misfortune | undefined): void {
  const type = 'invalid_request_error';
  if (fate === 'rate-limit') throw new Refusal(429, { type, code: 'rate_limit', message: 'Too many requests.' });
  if (fate === 'lock-timeout') {
    throw new Refusal(429, { type, code: 'lock_timeout', message: 'This object cannot be accessed right now.' });
  }
  if (fate === 'error-before') throw new Refusal(500, { type: 'api_error', message: 'An unknown error occurred.' });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function startAnswer(request: Request, response: Response, { onLog }: ApiOptions): void {
  const version = request.get('stripe-version') ?? API_VERSION;
  if (version !== API_VERSION) onLog(`asked for API version ${version.slice(0, 40)}; this is ${API_VERSION}`);
  response.set('Request-Id', newId('req', 14));
  response.set('Stripe-Version', API_VERSION);
  const key = request.get('idempotency-key');
  if (key !== undefined) response.set('Idempotency-Key', key);
}

function authenticate(request: Request, secretKey: string): void {
  const given = Buffer.from(/^Bearer (.+)$/.exec(request.get('authorization') ?? '')?.[1] ?? '');
  const known = Buffer.from(secretKey);
  if (given.length === known.length && timingSafeEqual(given, known)) return;
  throw new Refusal(401, { type: 'invalid_request_error', message: 'Invalid API Key provided.' });
}

async function answerRequest(request: Request, keys: IdempotencyKeys, work: () => Promise<Answer>) {
  const key = request.get('idempotency-key');
  // GET and DELETE are idempotent by themselves; a key on them means nothing.
  if (key === undefined || request.method !== 'POST') return { ...(await work()), replayed: false };
  const endpoint = `POST ${request.baseUrl}${request.path}`;
  return keys.answer({ key, endpoint, params: textOf(request) }, work);
}

/** Checks, executes, and says whether the answer is one to keep. */
function execute(standin: Standin, request: Request<{ id: string }> | Request, operation: Operation): Answer {
  const query = request.originalUrl.split('?')[1] ?? '';
  const params = new Params(decodeForm(request.method === 'GET' ? query : textOf(request)));
  try {
    const expand = params.texts('expand') ?? [];
    checkExpansions(expand);
    const record = operation(standin, params, { id: (request.params as { id?: string }).id ?? '' });
    if (request.method === 'POST') touch(standin.books, record);
    return { status: 200, body: expanded(standin.books, record, expand), executed: true };
  } catch (thrown) {
    if (thrown instanceof Refusal)
      return { status: thrown.status, body: { error: thrown.body }, executed: params.ended };
    throw thrown;
  }
}

function textOf(request: Request): string {
  return typeof request.body === 'string' ? request.body : '';
}

function failed(answer: Answer): Answer {
  const error = { type: 'api_error', message: 'An unknown error occurred.' };
  return { status: 500, body: { error }, executed: answer.executed };
}

function answerFor(thrown: unknown, onLog: (line: string) => void): { status: number; body: object } {
  if (thrown instanceof Refusal) return { status: thrown.status, body: { error: thrown.body } };
  onLog(`stand-in's own mistake: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  return { status: 500, body: { error: { type: 'api_error', message: 'The stand-in made a mistake; see its log.' } } };
}

function send(response: Response, status: number, body: object): void {
  // The answer to a kept 500 never changes, so Stripe asks its clients not to repeat it.
  if (status === 500 && !response.hasHeader('Stripe-Should-Retry')) response.set('Stripe-Should-Retry', 'false');
  response.status(status).type('json').send(JSON.stringify(body));
}
