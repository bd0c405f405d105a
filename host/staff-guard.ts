// The Pi's own two people, by the passwords of its environment: they open it where the cloud's staff cannot be asked.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Member } from './member.ts';

export interface StaffGuard {
  /** Asks the browser, which asks its person. */
  readonly ask: (response: ServerResponse) => void;
  /** Whose name and password a request comes with; undefined for nobody's. */
  readonly memberOf: (request: IncomingMessage) => Member | undefined;
}

/** A password that is empty is nobody's. One realm, so that a browser asks its person once. */
export function staffGuard(passwords: Readonly<Record<'owner' | 'technician', string>>): StaffGuard {
  const known = (['owner', 'technician'] as const).filter((role) => passwords[role] !== '');
  return {
    memberOf: ({ headers }) => {
      const [, given = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
      const text = Buffer.from(given, 'base64').toString('utf8');
      const role = known.find((name) => sameText(text, `${name}:${passwords[name]}`));
      return role && { id: `local-${role}`, name: role, role, sessionId: `local-${role}` };
    },
    ask: (response) => void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Tapcase staff"' }).end(),
  };
}

/** Hashed first, so that neither length nor content shows in the time taken. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
