// The one door to everything that is staff's: each request and each socket of the staff's listener (on the Pi: of editor and desk)
// passes it before anything else sees it.
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { EditorDoor } from './editor-door.ts';
import { answerError } from './http-error.ts';
import { DESK_PATH, EDITOR_PATH } from './routes.ts';
import type { StaffGuard } from './staff-guard.ts';

export interface StaffMember {
  readonly name: string;
}

export interface StaffDoor {
  /** Whoever has signed in and asks; undefined for anybody else. */
  who(request: IncomingMessage): Promise<StaffMember | undefined>;
  /** Before every request. */
  readonly middleware: RequestHandler;
  /** Before every socket. */
  mayUpgrade(request: IncomingMessage): Promise<boolean>;
}

interface StaffDoorOptions {
  readonly editor: EditorDoor;
  readonly desk: StaffGuard;
  /** Origin that staff use, where it is not what the request itself names as its host: a proxy may put another there. */
  readonly origin: string;
}

export function staffDoor({ editor, desk, origin }: StaffDoorOptions): StaffDoor {
  const who = async (request: IncomingMessage) => {
    const name = desk.nameOf(request);
    return name === undefined ? undefined : { name };
  };
  return {
    who,
    middleware: (request, response, next) => {
      const changes = request.method !== 'GET' && request.method !== 'HEAD';
      if (changes && isForeign(request, origin)) return answerError(response, 403, 'api.foreign');
      // Its page is where one signs in, and Node-RED asks for that before it answers anything else.
      if (isUnder(request.path, EDITOR_PATH)) return next();
      who(request).then((member) => {
        if (member === undefined) return desk.ask(response);
        response.locals.staff = member;
        next();
      }, next);
    },
    mayUpgrade: async (request) => {
      if (isForeign(request, origin)) return false;
      if (leadsTo(request, EDITOR_PATH)) return editor.lets(request);
      return leadsTo(request, DESK_PATH) && (await who(request)) !== undefined;
    },
  };
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
