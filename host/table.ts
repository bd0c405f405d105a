// Holds a listener's requests to its table of routes: how often, from which page, how large, of which type and shape. What it lets
// through is marked, and only what is marked reaches Node-RED.
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { type Options, rateLimit } from 'express-rate-limit';
import { addressKey, browserKey } from './address-key.ts';
import { readersOf, unreadable } from './bodies.ts';
import { answerError, errorBody } from './http-error.ts';
import type { RateClass, Route } from './routes.ts';

/** Calls a browser may make in a minute, or an address whose browsers have not signed in; a visit takes about ten. */
const API_CALLS_MAX = 300;
/** Calls an address may make in a minute: a shop's guests share one, and so do its cases; an update of firmware is about 75 pieces. */
const ADDRESS_CALLS_MAX = 3_000;

export interface TableOptions {
  readonly routes: readonly Route[];
  /** Origin of the pages that may change something here. */
  readonly origin: string;
}

export function takeRoutes({ routes, origin }: TableOptions): Router {
  // As they are written: a node finds by the letters of a path that it is to leave the bytes alone, and would not find it by others.
  const router = express.Router({ caseSensitive: true, strict: true });
  const limits = limitsByClass();
  const fromOurPages = onlyFrom(origin);
  for (const { method, path, session, rate, body } of routes) {
    const from = session === 'signed' ? [] : [fromOurPages];
    // Of what is somebody's nothing stays in a proxy, nor in the phone of whoever signs in there next.
    const kept = path.startsWith('/api/') ? [notKept] : [];
    router[method](path, asWritten, ...kept, ...limits[rate], ...from, ...readersOf(body), taken, leave);
  }
  router.use(unreadable);
  return router;
}

/** It is in the table, and as the table says: Node-RED may hear of it. */
export const taken: RequestHandler = (_request, response, next) => {
  response.locals.isTaken = true;
  next();
};

export function isTaken(response: Response): boolean {
  return response.locals.isTaken === true;
}

const notKept: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** Express takes HEAD for GET; a flow that answers for as long as somebody listens would never end that. */
const asWritten: RequestHandler = (request, _response, next) => next(request.method === 'HEAD' ? 'router' : undefined);

const leave: RequestHandler = (_request, _response, next) => next('router');

// A header that nobody is trusted with means nothing; it would tell of it in a stack.
const SHARED = {
  standardHeaders: 'draft-8',
  legacyHeaders: false,
  message: errorBody('api.too-many'),
  validate: { xForwardedForHeader: false },
  keyGenerator: addressKey,
} as const;

function aMinute(limit: number, more: Partial<Options> = {}): RequestHandler {
  return rateLimit({ ...SHARED, windowMs: 60_000, limit, ...more });
}

/** Of machines, and of whatever an operator's own flows answer. */
export function addressLimit(): RequestHandler {
  return aMinute(ADDRESS_CALLS_MAX);
}

function limitsByClass(): Readonly<Record<RateClass, readonly RequestHandler[]>> {
  return {
    // Whoever makes up a new cookie for each call meets the other bound.
    api: [
      aMinute(ADDRESS_CALLS_MAX, { standardHeaders: false }),
      aMinute(API_CALLS_MAX, { keyGenerator: (request) => browserKey(request) ?? addressKey(request) }),
    ],
    device: [addressLimit()],
    unlimited: [],
  };
}

/**
 * Cookies are SameSite=Lax; a foreign page could still post a form. It cannot post from our origin, and browsers say from which
 * they post.
 */
function onlyFrom(ours: string): RequestHandler {
  return (request: Request, response, next) => {
    const { origin } = request.headers;
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (changes && origin !== undefined && origin !== ours) answerError(response, 403, 'api.foreign');
    else next();
  };
}
