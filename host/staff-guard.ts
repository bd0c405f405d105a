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
export function staffGuard(
  passwords: Readonly<Record<'owner' | 'technician', string>>,
  now: () => number = Date.now,
): StaffGuard {
  const wrong = wrongTries(now);
  const known = (['owner', 'technician'] as const).filter((role) => passwords[role] !== '');
  return {
    memberOf: ({ headers, socket }) => {
      const [, given = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
      // Who guesses is not told of the right one either until a while has passed.
      if (given === '' || wrong.areTooMany(socket.remoteAddress)) return undefined;
      const text = Buffer.from(given, 'base64').toString('utf8');
      const role = known.find((name) => sameText(text, `${name}:${passwords[name]}`));
      if (role === undefined) wrong.count(socket.remoteAddress);
      return role && { id: `local-${role}`, name: role, role, sessionId: `local-${role}` };
    },
    ask: (response) => void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Tapcase staff"' }).end(),
  };
}

/** Of one address: 14,400 a day, of a password of twelve characters or more. */
const WRONG_MAX = 10;
const WRONG_WINDOW_MS = 60_000;
/** Addresses that are remembered; the one that was wrong longest ago is forgotten. */
const ADDRESSES_MAX = 1_000;

function wrongTries(now: () => number) {
  const tries = new Map<string, { readonly sinceMs: number; count: number }>();
  const of = (address: string) => {
    const known = tries.get(address);
    return known !== undefined && now() - known.sinceMs < WRONG_WINDOW_MS ? known : undefined;
  };
  return {
    areTooMany: (address = '') => (of(address)?.count ?? 0) >= WRONG_MAX,
    count: (address = '') => {
      const entry = of(address) ?? { sinceMs: now(), count: 0 };
      entry.count += 1;
      tries.delete(address);
      tries.set(address, entry);
      if (tries.size > ADDRESSES_MAX) tries.delete(tries.keys().next().value!);
    },
  };
}

/** Hashed first, so that neither length nor content shows in the time taken. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
