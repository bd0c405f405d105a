// Decides who is staff: whoever gives a name and password of the editor's, asked for by the browser itself.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A type, not an interface: Node-RED's settings take it as a record. */
export type StaffGuard = {
  readonly middleware: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
  /** Whether a request comes with a name and password of staff. */
  readonly isStaff: (request: IncomingMessage) => boolean;
  /** For the socket behind the dashboard. */
  readonly ioMiddleware: (socket: { request: IncomingMessage }, next: (refused?: Error) => void) => void;
};

/**
 * Asks on every request. One realm for all of the staff's pages, so that a browser asks its person once. `passwords` by
 * name; one that is empty is nobody's.
 */
export function staffGuard(passwords: Readonly<Record<string, string>>): StaffGuard {
  const known = Object.entries(passwords).filter(([, password]) => password !== '');
  const isStaff = ({ headers }: IncomingMessage): boolean => {
    const [, given = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
    const text = Buffer.from(given, 'base64').toString('utf8');
    return known.some(([name, password]) => sameText(text, `${name}:${password}`));
  };
  return {
    isStaff,
    middleware: (request, response, next) => {
      if (isStaff(request)) return next();
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Tapcase staff"' }).end();
    },
    ioMiddleware: (socket, next) => next(isStaff(socket.request) ? undefined : new Error('not signed in')),
  };
}

/** Hashed first, so that neither length nor content shows in the time taken. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
