// What a browser asks of the editor that Node-RED would grant to whoever may deploy at all: decided here, by person.
import { Fault, may } from '@tapcase/domain';
import express, { type RequestHandler, type Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { answerError } from './http-error.ts';
import type { Member } from './member.ts';
import { BODY_BYTES_MAX, EDITOR_PATH } from './routes.ts';
import { answerFault } from './staff/answers.ts';
import { isUnder } from './staff-door.ts';

interface EditorRequests {
  /** Whether a node is the shop's as shipped. */
  readonly isShipped: (id: string) => boolean;
  /** Ends the session of whoever asks; answers where the browser goes then. */
  readonly signOut: (member: Member, response: express.Response, address: string | null) => Promise<string>;
  /** Hears of whoever starts all flows again without a change; before they do. */
  readonly reloaded: (member: Member, address: string | null) => Promise<void>;
}

/** As Node-RED takes it (settings.ts). */
const BODY_MAX = '2mb';

/** How often somebody may start all flows again. */
const RELOADS_MAX = 6;
const RELOADS_MS = 600_000;

/** Behind the door. Node-RED does not read again what was read here. */
export function editorRequests({ isShipped, signOut, reloaded }: EditorRequests): Router {
  const router = express.Router();
  const json = express.json({ limit: BODY_MAX });
  router.use(EDITOR_PATH, smallUnlessTheyDeploy);
  router.use(EDITOR_PATH, findable);
  const seldom = rateLimit({
    ...{ windowMs: RELOADS_MS, limit: RELOADS_MAX, standardHeaders: false, legacyHeaders: false },
    keyGenerator: (_request, response) => (response.locals.staff as Member).id,
    handler: (_request, response) =>
      answerFault(
        response,
        new Fault('staff.too-many-tries', 'the flows were started again often enough: wait a while'),
      ),
  });
  router.post(`${EDITOR_PATH}/auth/revoke`, (request, response, next) => {
    const member = response.locals.staff as Member;
    signOut(member, response, request.ip ?? null).then((redirect) => void response.json({ redirect }), next);
  });
  // Node-RED opens whole sets of credentials with its own key, and would run on without any where it cannot.
  router.post(
    `${EDITOR_PATH}/flows`,
    json,
    unlessOwners(({ body }) => body?.credentials !== undefined),
  );
  // It changes nothing, so Node-RED's storage does not hear of it; and nobody can buy for a second or two.
  router.post(`${EDITOR_PATH}/flows`, (request, response, next) => {
    const { staff } = response.locals as { staff: Member };
    // Who may not deploy is refused by Node-RED itself.
    if (request.get('Node-RED-Deployment-Type') !== 'reload' || !may(staff.role, 'flows.own')) return next();
    seldom(request, response, () => void reloaded(staff, request.ip ?? null).then(() => next(), next));
  });
  // A message of any content, into the middle of the shop.
  router.post(
    `${EDITOR_PATH}/inject/:id`,
    json,
    unlessOwners(({ body, params }) => isShipped(params.id!) && body?.__user_inject_props__ !== undefined),
  );
  return router;
}

/** Node-RED reads a body before it asks who may send it, and whoever may only look sends none. */
const smallUnlessTheyDeploy: RequestHandler = ({ headers }, response, next) => {
  const isSmall =
    headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= BODY_BYTES_MAX;
  if (isSmall || may((response.locals.staff as Member).role, 'flows.own')) return next();
  answerError(response, 413, 'api.too-large');
};

/** As browsers name one: `en`, `es-419`, `zh-Hans-CN` (RFC 5646 section 2.1, its common part). */
const LANGUAGE = /^[a-z]{2,3}(-[0-9a-z]{2,8}){0,3}$/i;
/** Node-RED's catalogs; its routes end where these words begin. */
const CATALOGS = /^\/(nodes|plugins)\/(.*\/)?messages/i;
/** Of projects, which the shop has not. */
const KEYS = '/settings/user/keys';

/**
 * Node-RED looks up what an address names, whatever it is, and throws into the log where it is nothing: a catalog in no language,
 * `__proto__`, which every object has. The language `constructor` ended the whole process.
 */
const findable: RequestHandler = ({ headers, path, query }, response, next) => {
  const { lng } = query;
  const isGood = lng === undefined ? !CATALOGS.test(path) : typeof lng === 'string' && LANGUAGE.test(lng);
  if (!isGood) return answerError(response, 400, 'api.bad-request');
  if (isUnder(path.toLowerCase(), KEYS) || path.split('/').some(isEverybodys)) {
    return answerError(response, 404, 'api.unknown');
  }
  const given = (headers['accept-language'] ?? '').split(',').map((each) => each.split(';')[0]!.trim());
  // Whoever asks for none, or for any, gets the first.
  if (!given.every((each) => LANGUAGE.test(each))) delete headers['accept-language'];
  next();
};

/** As Node-RED reads it, which refuses what cannot be read. */
function isEverybodys(part: string): boolean {
  try {
    return decodeURIComponent(part) in {};
  } catch {
    return false;
  }
}

function unlessOwners(isTheirs: (request: express.Request) => boolean): RequestHandler {
  return (request, response, next) => {
    const { role } = response.locals.staff as Member;
    if (may(role, 'flows.core') || !isTheirs(request)) return next();
    answerFault(response, new Fault('staff.not-allowed', `the role "${role}" may not do this`));
  };
}
