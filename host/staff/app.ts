// The staff's server: their pages and what those ask, as the table of routes says. Mounted first on the staff's listener: what is
// not its own goes on to whatever comes after it.
import { resolve } from 'node:path';
import { browserName, Fault, FRESH_MS_MAX, may } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import * as v from 'valibot';
import * as account from './account.ts';
import { answerFault, tooManyTries } from './answers.ts';
import type { Asked, Handler, Office } from './asked.ts';
import * as audit from './audit.ts';
import { browserToken, cookiesOf } from './browser.ts';
import { noStore, readLimit, sameOrigin, securityHeaders } from './guards.ts';
import * as joining from './joining.ts';
import { passkeysOf } from './passkeys.ts';
import { RATES, type RouteName, STAFF_BODY_BYTES_MAX, STAFF_PAGES, STAFF_ROUTES, type StaffRoute } from './routes.ts';
import * as signIn from './sign-in.ts';
import * as team from './team.ts';
import { createWhoIs, type StaffMember, type WhoIs } from './who-is.ts';

export interface StaffIdentityOptions {
  readonly ledger: Ledger;
  /** Of the staff's pages, as their browsers see it: STAFF_URL. */
  readonly origin: string;
  /** Built pages: index.html and assets. */
  readonly pagesFolder: string;
  readonly now?: () => number;
  /** Hears of our own mistakes. */
  readonly log: (line: string) => void;
  /** Shared with whatever else asks who somebody is: so an ended session ends there at once too. */
  readonly whoIs?: WhoIs;
}

const HANDLERS: { readonly [Name in RouteName]: Handler<Name> } = {
  'GET /staff/api/me': signIn.me,
  'POST /staff/api/sign-in/passkey/options': signIn.passkeyOptions,
  'POST /staff/api/sign-in/passkey': signIn.byPasskey,
  'POST /staff/api/sign-in/password': signIn.byPassword,
  'POST /staff/api/sign-out': signIn.signOut,
  'POST /staff/api/invitation': joining.invitation,
  'POST /staff/api/invitation/passkey/options': joining.passkeyOptions,
  'POST /staff/api/invitation/passkey': joining.byPasskey,
  'POST /staff/api/invitation/totp': joining.totp,
  'POST /staff/api/invitation/password': joining.byPassword,
  'GET /staff/api/account': account.account,
  'POST /staff/api/account/session/end': account.endSession,
  'POST /staff/api/account/sessions/end': account.endSessions,
  'POST /staff/api/account/passkey/options': account.passkeyOptions,
  'POST /staff/api/account/passkey': account.addPasskey,
  'POST /staff/api/account/passkey/remove': account.removePasskey,
  'POST /staff/api/account/totp': account.totp,
  'POST /staff/api/account/password': account.setPassword,
  'GET /staff/api/team': team.team,
  'POST /staff/api/team/invite': team.invite,
  'POST /staff/api/team/revoke': team.revoke,
  'POST /staff/api/team/link': team.link,
  'POST /staff/api/team/role': team.changeRole,
  'POST /staff/api/team/disabled': team.setDisabled,
  'POST /staff/api/team/session/end': team.endSession,
  'POST /staff/api/team/sessions/end': team.endSessions,
  'GET /staff/api/audit': audit.audit,
  'GET /staff/api/restock': audit.restock,
};

export function staffIdentity(options: StaffIdentityOptions): Router {
  const { ledger, origin, now = Date.now, whoIs = createWhoIs(ledger, now) } = options;
  const office: Office = { ledger, origin, now, whoIs, passkeys: passkeysOf(origin) };
  const router = express.Router();
  const headers = securityHeaders(origin);
  router.use(
    '/staff/api',
    headers,
    noStore,
    sameOrigin(origin),
    readLimit(),
    express.json({ limit: STAFF_BODY_BYTES_MAX }),
  );
  for (const name of Object.keys(STAFF_ROUTES) as RouteName[]) {
    const [method, path] = name.split(' ') as ['GET' | 'POST', string];
    router[method === 'GET' ? 'get' : 'post'](path, (request, response, next) => {
      answer(office, name, request, response).catch(next);
    });
  }
  router.use('/staff/api', (_request, response) =>
    answerFault(response, new Fault('staff.not-found', 'no such address')),
  );
  router.use('/staff/api', failed(options.log));
  router.get([...STAFF_PAGES], headers, (_request, response) => {
    response.set('Cache-Control', 'no-cache').sendFile(resolve(options.pagesFolder, 'index.html'));
  });
  const assets = express.static(resolve(options.pagesFolder, 'assets'), {
    index: false,
    immutable: true,
    maxAge: '365d',
  });
  router.use('/assets', headers, assets);
  return router;
}

async function answer(office: Office, name: RouteName, request: Request, response: Response): Promise<void> {
  const route: StaffRoute = STAFF_ROUTES[name];
  const read = v.safeParse(route.schema, request.method === 'GET' ? { ...request.query } : (request.body ?? {}));
  if (!read.success) return answerFault(response, new Fault('request.invalid', 'something is missing, or too much'));
  const person = await office.whoIs(request);
  const address = addressOf(request);
  if (!(await isSeldom(office, route, person, address))) return answerFault(response, tooManyTries());
  const refusal = refusalOf(office, route, person);
  if (refusal !== undefined) return answerFault(response, refusal);
  const asked: Asked = {
    given: read.output as Asked['given'],
    ...{
      person,
      address,
      label: browserName(request.headers['user-agent'] ?? ''),
      browserToken: browserToken(request),
    },
    cookies: cookiesOf(response, office.origin),
  };
  const answered = await (HANDLERS[name] as Handler<RouteName>)(office, asked);
  if (answered instanceof Fault) answerFault(response, answered, route.needs === 'staff.manage');
  else if (answered === undefined) response.status(204).end();
  else response.json(answered);
}

/** Behind a proxy Express knows it where it is told to trust one. */
function addressOf({ ip }: Request): string {
  return ip ?? 'unknown';
}

/** Whoever has one address of IPv6 has 2^64 of them. */
const keyOf = (address: string) => (address === 'unknown' ? address : ipKeyGenerator(address));

async function isSeldom(
  { ledger, now }: Office,
  { rate, needs }: StaffRoute,
  person: StaffMember | undefined,
  address: string,
): Promise<boolean> {
  if (rate === 'read') return true;
  const who = needs === 'nobody' ? keyOf(address) : (person?.id ?? keyOf(address));
  return ledger.countTry(`staff ${rate} ${who}`, RATES[rate], now());
}

function refusalOf({ now }: Office, { needs, fresh }: StaffRoute, person: StaffMember | undefined): Fault | undefined {
  if (needs === 'nobody') return undefined;
  if (person === undefined) return new Fault('staff.signed-out', 'nobody is signed in');
  if (needs !== 'anybody' && !may(person.role, needs)) {
    return new Fault('staff.not-allowed', `the role "${person.role}" may not do this`);
  }
  if (fresh && person.signedInAtMs <= now() - FRESH_MS_MAX) {
    return new Fault('staff.sign-in-again', 'sign in again to change what lets you in');
  }
  return undefined;
}

interface ReadError {
  readonly status?: number;
  readonly type?: string;
}

function failed(log: (line: string) => void): ErrorRequestHandler {
  return (thrown: unknown, _request, response, _next) => {
    if (thrown instanceof Fault) return answerFault(response, thrown);
    const { type, status = 500 } = (thrown ?? {}) as ReadError;
    if (type === 'entity.parse.failed') return answerFault(response, new Fault('request.not-json', 'this is no JSON'));
    if (status === 413) return answerFault(response, new Fault('request.too-large', 'this is too large'));
    if (status < 500) return answerFault(response, new Fault('request.invalid', 'this could not be read'));
    log(`error: [staff] ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : 'an unknown mistake'}`);
    response.status(500).json({ error: { code: 'staff.failed', message: 'This did not work; it is our mistake.' } });
  };
}
