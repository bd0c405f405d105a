// The cloud's web server around Node-RED: security headers, limits, who may post, the PWA and its pictures.
import { join, resolve } from 'node:path';
import { PICTURE_BYTES_MAX } from '@tapcase/domain';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { DESK_PATH, EDITOR_PATH } from '../settings.ts';
import { readBodies } from './bodies.ts';
import { answerError, answerStarting, errorBody } from './http-error.ts';
import { BODY_BYTES_MAX, ROUTES, SHOP_ROOTS, WEBHOOK_PATH } from './routes.ts';
import type { StaffGuard } from './staff-guard.ts';

export interface ShopAppOptions {
  /** Origin that phones use. */
  readonly publicUrl: string;
  /** Built PWA. */
  readonly pwaFolder: string;
  readonly picturesFolder: string;
  /** Who may see the staff's pages and what they fetch. */
  readonly staff: StaffGuard['middleware'];
  /** Where the virtual cases live, in a demo; undefined in production. */
  readonly worldUrl?: string;
}

/** Sign-in tries an address may make in ten minutes, codes and checks together. */
const SIGN_IN_TRIES_MAX = 30;
/** Other calls an address may make in a minute; a visit takes about ten. */
const API_CALLS_MAX = 300;
/** Pis put pictures here, each signed with its own key: `/api/evidence/<case>/<visit>/<moment>-<camera>.<jpg or json>`. */
const EVIDENCE_PATH =
  /^\/api\/evidence\/[A-Za-z0-9_-]{1,32}\/[a-z0-9]{6,24}\/(before|after)-[A-Za-z0-9_-]{1,8}\.(jpg|json)$/;

/** Everything before Node-RED's own routes. */
export function shopApp(options: ShopAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders(options.publicUrl));
  app.use('/api', limits());
  app.use('/api', onlyOurPages(options.publicUrl));
  app.use(exceptForStaff(readBodies({ routes: ROUTES, roots: SHOP_ROOTS })));
  // The page too: a browser asks for a password where its person goes more readily than where a script fetches.
  app.use(['/api/staff', STAFF_PAGES], options.staff);
  const { worldUrl } = options;
  if (worldUrl !== undefined) {
    app.get('/case/:id/virtual', (request, response) => {
      response.redirect(`${worldUrl}/case/${encodeURIComponent(request.params.id)}/virtual`);
    });
  }
  // Before Node-RED: no flow takes the place of a customer's page.
  app.get(['/', '/visits', '/case/:id', '/visit/:id', '/visit/:id/why', `${STAFF_PAGES}/:id`], (_request, response) => {
    response.set('Cache-Control', 'no-cache').sendFile(pageIn(options));
  });
  app.use('/pictures', express.static(options.picturesFolder, { maxAge: '1h', index: false }));
  app.use(express.static(options.pwaFolder, { index: false, setHeaders: cacheHeaders }));
  return app;
}

/** What staff send to editor and desk is larger, and their own. */
export function exceptForStaff(handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if ([EDITOR_PATH, DESK_PATH].some((root) => isUnder(request.path, root))) next();
    else handler(request, response, next);
  };
}

/** After Node-RED's routes: what nobody has taken. */
export function untaken(app: Express, options: ShopAppOptions): void {
  // What is none of the shop's own was turned away before: this is, and its flow is being deployed.
  app.use([...SHOP_ROOTS], (_request, response) => answerStarting(response));
  app.use((request: Request, response: Response) => {
    if (request.accepts('html')) response.status(404).sendFile(pageIn(options));
    else response.sendStatus(404);
  });
}

/** The PWA finds its own way from the path. */
function pageIn({ pwaFolder }: ShopAppOptions): string {
  return resolve(pwaFolder, 'index.html');
}

function securityHeaders(publicUrl: string) {
  const https = publicUrl.startsWith('https:');
  const strictTransportSecurity = https ? { maxAge: 31_536_000 } : false;
  const withPolicy = (more: Readonly<Record<string, string[]>>) =>
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { ...POLICY, ...more } },
      strictTransportSecurity,
    });
  const shop = withPolicy({});
  // Its widgets carry their colours and sizes as inline styles, and its icons as a font in the style sheet.
  const desk = withPolicy({ styleSrc: ["'self'", "'unsafe-inline'"], fontSrc: ["'self'", 'data:'] });
  // The editor builds its dialogs with inline scripts; it gets every other header.
  const editor = helmet({ contentSecurityPolicy: false, strictTransportSecurity });
  return (request: Request, response: Response, next: NextFunction) => {
    const { path } = request;
    const headers = isUnder(path, EDITOR_PATH) ? editor : isUnder(path, DESK_PATH) ? desk : shop;
    headers(request, response, next);
  };
}

function isUnder(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** The pages of the PWA that are for staff. */
const STAFF_PAGES = '/why';

const POLICY: Readonly<Record<string, string[]>> = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  formAction: ["'self'"],
};

function limits() {
  const answer = errorBody('api.too-many');
  const shared = { standardHeaders: 'draft-8', legacyHeaders: false, message: answer } as const;
  const router = express.Router();
  router.use('/sign-in', rateLimit({ ...shared, windowMs: 600_000, limit: SIGN_IN_TRIES_MAX }));
  router.use(rateLimit({ ...shared, windowMs: 60_000, limit: API_CALLS_MAX, skip: (request) => isWebhook(request) }));
  router.use((request, response, next) => {
    const length = Number(request.headers['content-length'] ?? 0);
    // A body without a length could be endless; Node-RED's parser would only stop at the editor's limit.
    const endless = request.headers['transfer-encoding'] !== undefined;
    const bytesMax = isEvidence(request) ? PICTURE_BYTES_MAX : BODY_BYTES_MAX;
    if (length > bytesMax || endless) {
      answerError(response, 413, 'api.too-large');
      return;
    }
    next();
  });
  return router;
}

/** Cookies are SameSite=Lax; a foreign page could still post a form. It cannot post JSON from our origin. */
function onlyOurPages(publicUrl: string) {
  return (request: Request, response: Response, next: NextFunction) => {
    if (request.method === 'GET' || request.method === 'HEAD' || isWebhook(request)) return next();
    // Signed by a key that no page has, and no cookie counts for it.
    if (isEvidence(request)) return next();
    const { origin } = request.headers;
    const foreign = origin !== undefined && origin !== publicUrl;
    const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
    if (foreign || (hasBody && !request.is('application/json'))) {
      answerError(response, 403, 'api.foreign');
      return;
    }
    next();
  };
}

function isWebhook(request: Request): boolean {
  return request.originalUrl.split('?')[0] === WEBHOOK_PATH;
}

function isEvidence(request: Request): boolean {
  return request.method === 'PUT' && EVIDENCE_PATH.test(request.originalUrl);
}

/** Vite puts a hash in the names under /assets; everything else may change with the next release. */
function cacheHeaders(response: Response, path: string): void {
  const hashed = path.includes(join('/', 'assets', '/'));
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}
