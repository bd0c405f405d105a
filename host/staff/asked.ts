// What a handler of the staff's server gets to know of a request, and what it has to do with.
import { type Act, type ActName, CHALLENGE_MS, STAFF_SESSION_MS_MAX } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Cookies } from './browser.ts';
import type { Passkeys } from './passkeys.ts';
import type { Given, RouteName } from './routes.ts';
import { hashOf, keyFrom, newToken } from './secrets.ts';
import type { StaffMember, WhoIs } from './who-is.ts';

/** What all requests share. */
export interface Office {
  readonly ledger: Ledger;
  readonly origin: string;
  readonly now: () => number;
  readonly passkeys: Passkeys;
  readonly whoIs: WhoIs;
}

export interface Asked<Name extends RouteName = RouteName> {
  readonly given: Given<Name>;
  /** Whoever the route lets in; undefined where it needs nobody and nobody is signed in. */
  readonly person: StaffMember | undefined;
  readonly address: string;
  /** Which browser, in words; '' for one that says nothing we know. */
  readonly label: string;
  readonly cookies: Cookies;
  readonly browserToken: string | undefined;
}

/** With a person, where the route needs one. */
export type AskedBy<Name extends RouteName> = Asked<Name> & { readonly person: StaffMember };

/** What is answered: JSON, a Fault, or nothing to say. */
export type Handler<Name extends RouteName> = (office: Office, asked: Asked<Name>) => Promise<object | undefined>;

export function actOf(
  { now }: Pick<Office, 'now'>,
  { person, address }: Pick<Asked, 'person' | 'address'>,
  act: ActName,
  subject: string | null,
  detail: Act['detail'] = {},
): Act {
  const { id: staffId = null, name = '', role = null } = person ?? {};
  return { atMs: now(), staffId, name, role, act, subject, detail, address };
}

/** Writes down an order that was given with a person's session: refund, lock-down, deploy. */
export async function recordAct(
  ledger: Ledger,
  by: { readonly person: StaffMember; readonly address: string | null; readonly atMs: number },
  act: ActName,
  subject: string | null,
  detail: Act['detail'] = {},
): Promise<void> {
  const { id: staffId, name, role } = by.person;
  await ledger.recordAct({ atMs: by.atMs, staffId, name, role, act, subject, detail, address: by.address });
}

/** The browser's own secret; it gets one where it has none. */
export function browserOf({ browserToken, cookies }: Asked): { readonly hash: string; readonly key: Buffer } {
  const token = browserToken ?? newToken();
  cookies.setBrowser(token);
  return { hash: hashOf(token), key: keyFrom(token) };
}

/** Asks this browser something, once. */
export async function ask(office: Office, asked: Asked, purpose: string, body: object): Promise<void> {
  const nowMs = office.now();
  const row = { browserHash: browserOf(asked).hash, purpose, body: JSON.stringify(body) };
  await office.ledger.putChallenge({ ...row, expiresAtMs: nowMs + CHALLENGE_MS }, nowMs);
}

/** What this browser was asked, unless it has answered before or took too long. */
export async function askedBefore<Body>(office: Office, asked: Asked, purpose: string): Promise<Body | undefined> {
  if (asked.browserToken === undefined) return undefined;
  const body = await office.ledger.takeChallenge(hashOf(asked.browserToken), purpose, office.now());
  return body === undefined ? undefined : (JSON.parse(body) as Body);
}

/** Begins a session in this browser, in the place of the one that it has. */
export async function letIn(
  office: Office,
  asked: Asked,
  person: Pick<StaffMember, 'id' | 'name' | 'role'>,
  way: 'passkey' | 'password' | 'invitation',
): Promise<void> {
  const { ledger, now, whoIs } = office;
  const nowMs = now();
  if (asked.person !== undefined) await ledger.endSession('staff', asked.person.id, asked.person.sessionId);
  const token = newToken();
  const id = newToken().slice(0, 22);
  await ledger.startSession({
    ...{ id, kind: 'staff', subject: person.id, label: asked.label, tokenHash: hashOf(token) },
    ...{ createdAtMs: nowMs, seenAtMs: nowMs, expiresAtMs: nowMs + STAFF_SESSION_MS_MAX },
  });
  whoIs.forget();
  asked.cookies.setSession(token);
  const member = { ...person, sessionId: id, signedInAtMs: nowMs };
  await recordAct(ledger, { person: member, address: asked.address, atMs: nowMs }, 'signed-in', null, {
    way,
    browser: asked.label,
  });
}
