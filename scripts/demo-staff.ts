// Signs somebody of the staff in at a shop of one's own, past its pages: whoever can write into a shop's ledger can be anybody
// in it. For pictures and tests; a running shop has no such way.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { orThrow, type StaffRole } from '@tapcase/domain';
import { type Ledger, openLedger } from '@tapcase/ledger';
import { hashOf, newToken } from '../host/staff/secrets.ts';

export interface StaffSession {
  readonly id: string;
  readonly name: string;
  readonly sessionId: string;
  /** Of the browser. */
  readonly cookie: { readonly name: 'tapcase_staff'; readonly value: string };
  /** For a request without one. */
  readonly headers: { readonly cookie: string };
}

const NAMES: Readonly<Record<StaffRole, string>> = {
  owner: 'Olga',
  operator: 'Otto',
  technician: 'Tina',
  restocker: 'Rosa',
};
const DAY_MS = 86_400_000;

/** The same person for the same name. */
export async function signInAs(role: StaffRole, stateFolder: string, name = NAMES[role]): Promise<StaffSession> {
  const ledger = await openLedger({ file: join(stateFolder, 'ledger.sqlite') });
  try {
    const id = (await ledger.staffByLogin(name))?.id ?? (await enrol(ledger, name, role));
    const [value, sessionId, nowMs] = [newToken(), newToken().slice(0, 22), Date.now()];
    await ledger.startSession({
      ...{ id: sessionId, kind: 'staff', subject: id, label: 'a script', tokenHash: hashOf(value) },
      ...{ createdAtMs: nowMs, seenAtMs: nowMs, expiresAtMs: nowMs + DAY_MS },
    });
    return {
      id,
      name,
      sessionId,
      cookie: { name: 'tapcase_staff', value },
      headers: { cookie: `tapcase_staff=${value}` },
    };
  } finally {
    await ledger.close();
  }
}

/**
 * The cookie of the Pi's, after it was led to the cloud and back as a browser is; undefined for whom the cloud does not let in.
 */
export async function signInAtEdge(
  edgeUrl: string,
  { headers }: Pick<StaffSession, 'headers'>,
): Promise<{ readonly name: string; readonly value: string } | undefined> {
  const get = (url: string, cookie: string) =>
    fetch(url, { redirect: 'manual', headers: { cookie, accept: 'text/html' } });
  const kept = (answer: Response) =>
    answer.headers
      .getSetCookie()
      .map((set) => /^([^=]+)=([^;]+)/.exec(set))
      .find((found) => found !== null);
  const asked = await get(`${edgeUrl}/sign-in/cloud`, '');
  const told = await get(asked.headers.get('location') ?? '', headers.cookie);
  if (told.status !== 302) return undefined;
  const back = await get(told.headers.get('location') ?? '', kept(asked)?.[0] ?? '');
  const [, name, value] = kept(back) ?? [];
  return name === undefined || value === undefined ? undefined : { name, value };
}

/** Invited and joined, with a password that nobody knows. */
async function enrol(ledger: Ledger, name: string, role: StaffRole): Promise<string> {
  const [tokenHash, id, atMs] = [hashOf(newToken()), randomBytes(9).toString('hex'), Date.now()];
  const row = { id, role, name, email: null, staffId: null, isFirstOwner: false, madeBy: 'a script', madeById: null };
  const act = { staffId: null, name: 'a script', role: null, subject: name, detail: {}, address: null, atMs };
  const problem = await ledger.invite({ ...row, tokenHash, expiresAtMs: atMs + DAY_MS }, { ...act, act: 'invited' });
  if (problem !== undefined) throw problem;
  const password = { hash: 'none', sealedTotp: 'none', totpStep: 0, setAtMs: atMs };
  const person = { id, name, email: null };
  orThrow(
    await ledger.acceptInvitation(tokenHash, { person, way: { kind: 'password', password }, atMs, address: null }),
  );
  return id;
}
