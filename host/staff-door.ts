// The one door to everything that is staff's: each request and each socket of the staff's listener (on the Pi: of editor and desk)
// passes it before anything else sees it. It knows who comes, whether their role may go there, and closes what they leave open.
import type { IncomingMessage } from 'node:http';
import { Fault, may, type Permission } from '@tapcase/domain';
import type { Request, RequestHandler, Response } from 'express';
import { countDeskFrames } from './desk-sockets.ts';
import type { EditorPass } from './editor-pass.ts';
import { withoutMoney } from './editor-told.ts';
import { listenTo } from './editor-words.ts';
import { answerError } from './http-error.ts';
import type { Identity, Member } from './member.ts';
import { openSockets } from './open-sockets.ts';
import { both, plainPage } from './plain-page.ts';
import { roomFor } from './room.ts';
import { DESK_PATH, EDITOR_PATH } from './routes.ts';
import { answerFault, tooManyTries } from './staff/answers.ts';

export interface StaffDoor extends Pick<Identity, 'who'> {
  /** Before every request. */
  readonly middleware: RequestHandler;
  /** Before every socket. */
  readonly upgrade: (request: IncomingMessage) => Promise<'passes' | 'unauthorized' | 'forbidden' | 'too-many'>;
  /** Asks at once whose session has ended. */
  readonly sweep: () => Promise<void>;
  readonly stop: () => void;
}

export interface StaffDoorOptions {
  readonly identity: Identity;
  readonly pass: EditorPass;
  /** Origin that staff use, where it is not what the request itself names as its host: a proxy may put another there. */
  readonly origin: string;
  /** What a path needs; the path as it is, in small letters. */
  readonly needs: (path: string, isPage: boolean) => Permission | 'anybody';
  /** Where a browser is led that nobody has signed in with; undefined: it is asked as `ask` does. */
  readonly signInUrl: (request: Request) => string | undefined;
  /** What a request weighs against others; the path as it is, in small letters. */
  readonly costs: (path: string, request: IncomingMessage) => number;
  readonly ask: (response: Response) => void;
  /** Of a node that runs; undefined: nothing here is about money. */
  readonly typeOf?: (id: string) => string | undefined;
}

/**
 * Of one person, over all of their browsers: an editor that is opened asks some hundred and fifty times and weighs twice that, a
 * dashboard less; it is opened again and again by whoever tries something. After that it asks for little.
 */
const REQUESTS = { burst: 2_000, perSecond: 50 } as const;
/** Seconds until there is room for most of what there is. */
const RETRY_AFTER_S = '2';

export function staffDoor(options: StaffDoorOptions): StaffDoor {
  const { identity, pass, origin, needs, costs, signInUrl, ask, typeOf } = options;
  const open = openSockets(identity);
  const room = roomFor(REQUESTS);
  const toldTo =
    ({ role }: Member) =>
    (frame: string) =>
      typeOf === undefined || may(role, 'money.see') ? frame : withoutMoney(frame, typeOf);
  const enter = async (request: Request, response: Response): Promise<boolean> => {
    // Of a page that lies open: it asks by itself.
    const isSocket = isUnder(request.path, `${DESK_PATH}/socket.io`) || isUnder(request.path, `${EDITOR_PATH}/comms`);
    const member = await identity.who(request, !isSocket);
    const isPage = isNavigation(request);
    if (member === undefined) {
      const here = isPage && request.headers['sec-fetch-site'] === 'cross-site' ? onceMore(request) : undefined;
      if (here !== undefined) {
        response.set('Cache-Control', 'no-store').type('html').send(here);
        return false;
      }
      const url = isPage ? signInUrl(request) : undefined;
      if (url === undefined) ask(response);
      else response.set('Cache-Control', 'no-store').redirect(302, url);
      return false;
    }
    const need = needs(plainPath(request.path), isPage);
    if (need !== 'anybody' && !may(member.role, need)) {
      refuse(response, member, isPage);
      return false;
    }
    if (!room.take(member.id, costs(plainPath(request.path), request))) {
      answerFault(response.set('Retry-After', RETRY_AFTER_S), tooManyTries());
      return false;
    }
    response.locals.staff = member;
    if (isUnder(request.path, EDITOR_PATH)) pass.give(request, member, response);
    // A long poll is a socket that closes by itself; until then it tells as much.
    if (isUnder(request.path, DESK_PATH)) open.add(member, response);
    return true;
  };
  return {
    who: identity.who,
    sweep: open.sweep,
    stop: open.stop,
    middleware: (request, response, next) => {
      pass.strip(request);
      // Node-RED finds the same behind two slashes, and whoever looks at paths before it does not.
      if (isOdd(request.path)) return answerError(response, 404, 'api.unknown');
      const changes = request.method !== 'GET' && request.method !== 'HEAD';
      if (changes && isForeign(request, origin)) return answerError(response, 403, 'api.foreign');
      enter(request, response).then(
        (isIn) => {
          if (isIn) next();
        },
        (thrown) => (thrown instanceof Fault ? answerFault(response, thrown) : next(thrown)),
      );
    },
    upgrade: async (request) => {
      pass.strip(request);
      if (isForeign(request, origin) || bothOf(request.url ?? '').some(isOdd)) return 'unauthorized';
      const [isEditor, isDesk] = [leadsTo(request, EDITOR_PATH), leadsTo(request, DESK_PATH)];
      const member = isEditor || isDesk ? await identity.who(request, false) : undefined;
      if (member === undefined) return 'unauthorized';
      const all = bothOf(request.url ?? '').map((path) => needs(plainPath(path), false));
      if (all.some((need) => need !== 'anybody' && !may(member.role, need))) return 'forbidden';
      if (!room.take(member.id)) return 'too-many';
      if (isEditor) {
        pass.give(request, member, request.socket);
        listenTo(request.socket, { memberId: member.id, told: toldTo(member) });
      }
      if (isDesk) countDeskFrames(request.socket, member.id);
      open.add(member, request.socket);
      return 'passes';
    },
  };
}

const REFUSED = plainPage(
  'Not for your role',
  `<h1>${both('Your role may not open this page.', 'Tu papel no permite abrir esta página.')}</h1>
<p><a href="/">Back · <span lang="es">Volver</span></a></p>`,
);

/** No page of ours has such an address. */
function isOdd(path: string): boolean {
  return /\/\/|\\|%2f|%5c/i.test(path.split('?')[0]!);
}

/** A path of ours: two slashes would be somebody else's host. */
const PLAIN_PATH = /^\/(?![/\\])[\w\-./?=&#%]*$/;
const PATH_LENGTH_MAX = 500;

/** Where a browser may be led after something else; undefined for what no page of ours leads to. */
export function plainTarget(path: unknown): string | undefined {
  return typeof path === 'string' && path.length <= PATH_LENGTH_MAX && PLAIN_PATH.test(path) ? path : undefined;
}

/** A link on another site brings no cookie of ours with it; the same address, asked for by a page of ours, does. */
function onceMore({ originalUrl }: Request): string | undefined {
  const path = plainTarget(originalUrl);
  if (path === undefined) return undefined;
  return `<!doctype html><meta http-equiv="refresh" content="0;url=${path.replaceAll('&', '&amp;')}">`;
}

/** A program gets a code, a person two sentences. */
function refuse(response: Response, { role }: Member, isPage: boolean): void {
  if (isPage) response.status(403).set('Cache-Control', 'no-store').type('html').send(REFUSED);
  else answerFault(response, new Fault('staff.not-allowed', `the role "${role}" may not do this`));
}

/** Somebody's browser that opens a page, not a script of it, a picture or a program. */
function isNavigation({ method, headers }: Request): boolean {
  const { accept = '', 'sec-fetch-dest': dest = 'document' } = headers;
  return (method === 'GET' || method === 'HEAD') && accept.includes('text/html') && dest === 'document';
}

/**
 * A page of somebody else's. A browser names the page's origin with whatever changes something and with every socket, and sends
 * along what it has for us: a cookie to any port of this host, a password that was typed once.
 */
function isForeign({ headers }: IncomingMessage, ours: string): boolean {
  const { origin, host } = headers;
  if (origin === undefined || origin === ours) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

export function isUnder(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** As Node-RED's routes compare it: their letters' size makes no other path. */
function plainPath(path: string): string {
  return path.toLowerCase();
}

/** Some read the address as it came, others what it comes down to: whether either leads below `root`. */
function leadsTo({ url = '' }: IncomingMessage, root: string): boolean {
  return bothOf(url).some((path) => path.startsWith(root));
}

/** Whether both do. */
export function staysIn({ url = '' }: IncomingMessage, root: string): boolean {
  return bothOf(url).every((path) => path.startsWith(root));
}

function bothOf(url: string): readonly string[] {
  return [url, URL.canParse(url, 'http://shop') ? new URL(url, 'http://shop').pathname : ''];
}
