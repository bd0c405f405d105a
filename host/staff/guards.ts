// What every request to the staff's server meets before its handler: headers, and whose page it comes from.
import { Fault } from '@tapcase/domain';
import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { addressKey } from '../address-key.ts';
import { answerFault, tooManyTries } from './answers.ts';
import { RATES } from './routes.ts';

/** The cookie is of the whole host, other ports included: a page of another origin there must not use it. */
export function sameOrigin(origin: string): RequestHandler {
  return (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    const { origin: from, 'sec-fetch-site': site } = request.headers;
    // A browser says at least one of them with every POST.
    const isOurs =
      (from === origin && (site === undefined || site === 'same-origin')) ||
      (from === undefined && site === 'same-origin');
    if (isOurs && (request.is('application/json') || request.headers['content-length'] === undefined)) return next();
    answerFault(response, new Fault('staff.foreign', 'only the staff’s own pages may do this'));
  };
}

export const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

export function readLimit(): RequestHandler {
  const { windowMs, max } = RATES.read;
  return rateLimit({
    ...{ windowMs, limit: max, standardHeaders: 'draft-8', legacyHeaders: false },
    keyGenerator: addressKey,
    handler: (_request, response) => answerFault(response, tooManyTries()),
  });
}

export function securityHeaders(origin: string): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
      },
    },
    strictTransportSecurity: origin.startsWith('https:') ? { maxAge: 31_536_000 } : false,
  });
}
