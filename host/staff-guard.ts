// Decides who is staff: whoever gives a name and password of the editor's, asked for by the browser itself.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A type, not an interface: Node-RED's settings take it as a record. */
export type StaffGuard = {
  /** For the desk's own routes. */
  readonly middleware: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
  /** Asks the browser, which asks its person. */
  readonly ask: (response: ServerResponse) => void;
  /** Whose name and password a request comes with; undefined for nobody's. */
  readonly nameOf: (request: IncomingMessage) => string | undefined;
  /** For the socket behind the dashboard. */
  readonly ioMiddleware: (socket: { request: IncomingMessage }, next: (refused?: Error) => void) => void;
};

/**
 * Asks on every request. One realm for all of the staff's pages, so that a browser asks its person once. `passwords` by
 * name; one that is empty is nobody's.
 */
export function staffGuard(passwords: Readonly<Record<string, string>>): StaffGuard {
  const known = Object.entries(passwords).filter(([, password]) => password !== '');
  const nameOf = ({ headers }: IncomingMessage): string | undefined => {
    const [, given = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
    const text = Buffer.from(given, 'base64').toString('utf8');
    return known.find(([name, password]) => sameText(text, `${name}:${password}`))?.[0];
  };
  const ask = (response: ServerResponse) =>
    void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Tapcase staff"' }).end();
  return {
    nameOf,
    ask,
    middleware: (request, response, next) => (nameOf(request) === undefined ? ask(response) : next()),
    ioMiddleware: (socket, next) => next(nameOf(socket.request) === undefined ? new Error('not signed in') : undefined),
  };
}

/** Hashed first, so that neither length nor content shows in the time taken. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
