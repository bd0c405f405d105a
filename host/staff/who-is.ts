// Says who of the staff a request comes from: whoever's session its cookie names, while it has not ended and its person may sign
// in. For pages, and for the editor, dashboards and sockets beside them.
import type { IncomingMessage } from 'node:http';
import { STAFF_IDLE_MS_MAX, type StaffRole } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { sessionToken } from './browser.ts';
import { hashOf } from './secrets.ts';

export interface StaffMember {
  readonly id: string;
  readonly name: string;
  readonly role: StaffRole;
  readonly sessionId: string;
  readonly signedInAtMs: number;
}

export interface WhoIs {
  /**
   * Rejects with `ledger.unavailable` where nobody can tell. A socket that comes back by itself is no use of the session
   * (`isUse`): a browser left open overnight would never be signed out.
   */
  (request: IncomingMessage, isUse?: boolean): Promise<StaffMember | undefined>;
  /** What was known is asked again: somebody was signed out, disabled, or has another role. */
  forget(): void;
}

/** A page asks for twenty things at once. What another instance ended is heard of after this. */
const KNOWN_MS = 2_000;
const KNOWN_MAX = 500;

export function createWhoIs(ledger: Ledger, now: () => number = Date.now): WhoIs {
  const known = new Map<string, { readonly member: StaffMember; readonly untilMs: number }>();
  /** Rises when something is forgotten: an answer that was asked for before is not kept. */
  let round = 0;
  const whoIs = async (request: IncomingMessage, isUse = true): Promise<StaffMember | undefined> => {
    const token = sessionToken(request);
    if (token === undefined) return undefined;
    const hash = hashOf(token);
    const entry = known.get(hash);
    if (entry !== undefined && now() < entry.untilMs) return entry.member;
    const asked = round;
    const member = await memberOf(ledger, hash, now(), isUse);
    known.delete(hash);
    if (member === undefined || asked !== round || !isUse) return member;
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(hash, { member, untilMs: now() + KNOWN_MS });
    return member;
  };
  const forget = () => {
    round += 1;
    known.clear();
  };
  return Object.assign(whoIs, { forget });
}

async function memberOf(
  ledger: Ledger,
  tokenHash: string,
  nowMs: number,
  isUse: boolean,
): Promise<StaffMember | undefined> {
  const session = await ledger.session('staff', tokenHash, nowMs, STAFF_IDLE_MS_MAX, isUse);
  const person = session && (await ledger.staffMember(session.subject));
  if (session === undefined || person === undefined || person.disabledAtMs !== null) return undefined;
  const { id, name, role } = person;
  return { id, name, role, sessionId: session.id, signedInAtMs: session.createdAtMs };
}
