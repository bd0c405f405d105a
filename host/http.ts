// The customers' web server before Node-RED: the PWA and its pictures, what the table of routes lets through, the operator's own
// flows below /own/. Nothing of the staff's is here.
import { join, resolve } from 'node:path';
import { parse as parseQuery } from 'node:querystring';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { ownBody, unreadable } from './bodies.ts';
import { securityHeaders } from './headers.ts';
import { answerError, answerStarting } from './http-error.ts';
import type { Readiness } from './readiness.ts';
import { OWN_ROOT, PAGES, routesOf } from './routes.ts';
import { isTaken, taken, takeRoutes } from './table.ts';

export interface ShopAppOptions {
  /** Origin that phones use. */
  readonly publicUrl: string;
  /** Built PWA. */
  readonly pwaFolder: string;
  readonly picturesFolder: string;
  readonly readiness: Readiness;
  /** Where the virtual cases live, in a demo; undefined in production. */
  readonly worldUrl?: string;
}

/** Everything before Node-RED, and the end of whatever it is not to hear of. */
export function shopApp(options: ShopAppOptions): Express {
  const { publicUrl, pwaFolder, picturesFolder, readiness, worldUrl } = options;
  const app = bareApp();
  app.use(securityHeaders(publicUrl).pages);
  app.get('/healthz', (_request, response) => void response.set('Cache-Control', 'no-store').type('text').send('ok'));
  app.get('/readyz', readyz(readiness));
  app.use(takeRoutes({ routes: routesOf('customer'), origin: publicUrl }));
  app.use(ownRequests());
  const unless = (handler: RequestHandler): RequestHandler => {
    return (request, response, next) => (isTaken(response) ? next() : handler(request, response, next));
  };
  if (worldUrl !== undefined) {
    app.get('/case/:id/virtual', (request, response) => {
      response.redirect(`${worldUrl}/case/${encodeURIComponent(request.params.id)}/virtual`);
    });
  }
  app.get([...PAGES.customer], (_request, response) => sendPage(response, pwaFolder));
  app.use('/pictures', express.static(picturesFolder, { maxAge: '1h', index: false }));
  app.use(unless(express.static(pwaFolder, { index: false, setHeaders: cacheHeaders })));
  app.use(unless((request, response) => unknown(request, response, pwaFolder)));
  return app;
}

/** After Node-RED's routes: what no flow has taken. */
export function untaken(app: Express): void {
  app.use((request: Request, response: Response) => {
    // It is in the table, and its flow is being deployed. Which own flows there are only Node-RED knows.
    if (request.path.startsWith(OWN_ROOT)) answerError(response, 404, 'api.unknown');
    else answerStarting(response);
  });
}

/** An app with nothing of Express's own manners that a stranger could use. */
export function bareApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  // Flat: Express's own makes objects in objects of it.
  app.set('query parser', (text: string) => ({ ...parseQuery(text ?? '') }));
  return app;
}

/** What is sent to an operator's own flow: bounded, and marked. */
export function ownRequests(): RequestHandler {
  const router = express.Router();
  router.use(...ownBody, taken);
  router.use(unreadable);
  // As it is written, not as Express compares: nothing else may come in by this way.
  return (request, response, next) => (request.path.startsWith(OWN_ROOT) ? router(request, response, next) : next());
}

export function sendPage(response: Response, pwaFolder: string): void {
  response.set('Cache-Control', 'no-cache').sendFile(resolve(pwaFolder, 'index.html'));
}

/** Vite puts a hash in the names under /assets; everything else may change with the next release. */
export function cacheHeaders(response: Response, path: string): void {
  const hashed = path.includes(join('/', 'assets', '/'));
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}

/** Whoever may hold back phones while the shop cannot sell: a proxy, a service manager. Says nothing that is not for everybody. */
function readyz(readiness: Readiness): RequestHandler {
  return (_request, response, next) => {
    readiness.now().then((parts) => {
      const ready = parts.ledger && parts.broker && parts.flows;
      response.set('Cache-Control', 'no-store');
      if (!ready) response.status(503).set('Retry-After', '1');
      response.json({ ready, ...parts });
    }, next);
  };
}

/** Programs get a code. A person gets the PWA, which says it in their language. */
function unknown(request: Request, response: Response, pwaFolder: string): void {
  const isPage =
    request.method === 'GET' && request.accepts('html') && !/^\/(api|firmware|own)(\/|$)/i.test(request.path);
  if (isPage) response.status(404).sendFile(resolve(pwaFolder, 'index.html'));
  else answerError(response, 404, 'api.unknown');
}
