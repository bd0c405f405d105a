// Decides who is staff: whoever gives the name and password of the editor's owner, asked for by the browser itself.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A type, not an interface: Node-RED's settings take it as a record. */
export type StaffGuard = {
  readonly middleware: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
  /** For the socket behind the dashboard. */
  readonly ioMiddleware: (socket: { request: IncomingMessage }, next: (refused?: Error) => void) => void;
};

/** Asks on every request. One realm for all of the staff's pages, so that a browser asks its person once. */
export function staffGuard(ownerPassword: string): StaffGuard {
  const isOwner = (header: string | undefined): boolean => {
    const [, given = ''] = /^Basic (\S+)$/i.exec(header ?? '') ?? [];
    return sameText(Buffer.from(given, 'base64').toString('utf8'), `owner:${ownerPassword}`);
  };
  return {
    middleware: (request, response, next) => {
      if (isOwner(request.headers.authorization)) return next();
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Tapcase staff"' }).end();
    },
    ioMiddleware: (socket, next) =>
      next(isOwner(socket.request.headers.authorization) ? undefined : new Error('not signed in')),
  };
}

/** Hashed first, so that neither length nor content shows in the time taken. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
