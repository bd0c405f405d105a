// The customers' web server before Node-RED: the PWA and its pictures, what the table of routes lets through, the operator's own
// flows below /own/. Nothing of the staff's is here.
import { parse as parseQuery } from 'node:querystring';
import compression from 'compression';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { type AppFiles, appFiles } from './app-files.ts';
import { ownBody, unreadable } from './bodies.ts';
import { securityHeaders } from './headers.ts';
import { answerError, answerStarting } from './http-error.ts';
import type { Readiness } from './readiness.ts';
import { requestIds } from './request-id.ts';
import { OWN_ROOT, PAGES, routesOf } from './routes.ts';
import { addressLimit, isTaken, taken, takeRoutes } from './table.ts';

export interface ShopAppOptions {
  /** Origin that phones use. */
  readonly publicUrl: string;
  /** Built PWA. */
  readonly pwaFolder: string;
  readonly picturesFolder: string;
  readonly readiness: Readiness;
  /** Who is believed when they say for whom they ask, as Express wants it; none for `''`. */
  readonly trustProxy?: string;
  /** Where the virtual cases live, in a demo; undefined in production. */
  readonly worldUrl?: string;
}

/** Everything before Node-RED, and the end of whatever it is not to hear of. */
export function shopApp(options: ShopAppOptions): Express {
  const { publicUrl, pwaFolder, picturesFolder, readiness, worldUrl, trustProxy } = options;
  const pwa = appFiles(pwaFolder);
  const app = bareApp(trustProxy);
  app.use(securityHeaders(publicUrl).pages);
  app.get('/healthz', (_request, response) => void response.set('Cache-Control', 'no-store').type('text').send('ok'));
  app.get('/readyz', readyz(readiness));
  app.use(compression({ filter: isAnswer }));
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
  app.get([...PAGES.customer], pwa.page());
  // A folder is nothing: to lead to it, the address would be written back as it came, and `/\elsewhere.example/..` leads elsewhere.
  app.use('/pictures', express.static(picturesFolder, { maxAge: '1h', index: false, redirect: false }));
  app.use(unless(pwa.files));
  app.use(unless(unknown(pwa)));
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
export function bareApp(trustProxy = ''): Express {
  const app = express();
  if (trustProxy !== '') app.set('trust proxy', trustProxy);
  app.disable('x-powered-by');
  // Flat: Express's own makes objects in objects of it.
  app.set('query parser', (text: string) => ({ ...parseQuery(text ?? '') }));
  app.use(requestIds());
  return app;
}

/** What is sent to an operator's own flow: counted, bounded, and marked. */
export function ownRequests(): RequestHandler {
  const router = express.Router();
  router.use(addressLimit(), ...ownBody, taken);
  router.use(unreadable);
  // As it is written, not as Express compares: nothing else may come in by this way.
  return (request, response, next) => (request.path.startsWith(OWN_ROOT) ? router(request, response, next) : next());
}

/** What is whole when it is sent; an event that waits in a compressor for the next one comes too late. */
function isAnswer(request: Request, response: Response): boolean {
  const isStream = String(response.getHeader('content-type')).startsWith('text/event-stream');
  return !isStream && compression.filter(request, response);
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
function unknown(pwa: AppFiles): RequestHandler {
  const page = pwa.page(404);
  return (request, response, next) => {
    const isProgram = /^\/(api|firmware|own)(\/|$)/i.test(request.path);
    if (request.method === 'GET' && request.accepts('html') && !isProgram) page(request, response, next);
    else answerError(response, 404, 'api.unknown');
  };
}
