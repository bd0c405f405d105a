// Accepting a link: somebody new chooses what will let them in, or somebody who lost that chooses anew.
import { Fault, type InvitationView, passwordProblem, staffEmail, staffName, TOTP_SETUP_MS } from '@tapcase/domain';
import type { InvitationRow, Way } from '@tapcase/ledger';
import { challengeOver } from './answers.ts';
import { type Asked, ask, askedBefore, browserOf, type Handler, letIn, type Office } from './asked.ts';
import { hashPassword } from './passwords.ts';
import { hashOf, keyFrom, newToken, seal, unseal } from './secrets.ts';
import { newTotpSecret, totpSetup, totpStep } from './totp.ts';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
}

const over = () => new Fault('staff.invitation-over', 'this link was used, revoked, or is too old');

export const invitation: Handler<'POST /staff/api/invitation'> = async ({ ledger, now }, { given }) => {
  const row = await ledger.invitation(hashOf(given.token), now());
  if (row === undefined) return over();
  const { role, name, expiresAtMs, staffId } = row;
  return { role, name, isReturn: staffId !== null, expiresAtMs } satisfies InvitationView;
};

export const passkeyOptions: Handler<'POST /staff/api/invitation/passkey/options'> = async (office, asked) => {
  const person = await personOf(office, asked.given);
  if (person instanceof Fault) return person;
  const options = await office.passkeys.register(person, []);
  await ask(office, asked, 'join', { challenge: options.challenge, token: hashOf(asked.given.token), id: person.id });
  return options;
};

export const byPasskey: Handler<'POST /staff/api/invitation/passkey'> = async (office, asked) => {
  const question = await askedBefore<{ challenge: string; token: string; id: string }>(office, asked, 'join');
  if (question === undefined || question.token !== hashOf(asked.given.token)) return challengeOver();
  const person = await personOf(office, asked.given, question.id);
  if (person instanceof Fault) return person;
  const { response } = asked.given;
  const made = await office.passkeys.registered(
    response as Parameters<typeof office.passkeys.registered>[0],
    question.challenge,
  );
  if (made instanceof Fault) return made;
  const passkey = { ...made, name: asked.label, addedAtMs: office.now() };
  return join(office, asked, asked.given.token, person, { kind: 'passkey', passkey });
};

export const totp: Handler<'POST /staff/api/invitation/totp'> = async (office, asked) => {
  const person = await personOf(office, asked.given);
  if (person instanceof Fault) return person;
  return beginTotp(office, asked, `join ${hashOf(asked.given.token)}`, person.name);
};

export const byPassword: Handler<'POST /staff/api/invitation/password'> = async (office, asked) => {
  const { given } = asked;
  const person = await personOf(office, given);
  if (person instanceof Fault) return person;
  const way = await passwordWay(office, asked, `join ${hashOf(given.token)}`, person, given);
  return way instanceof Fault ? way : join(office, asked, given.token, person, way);
};

/** Who is about to join, as they say or as the link says. */
async function personOf(
  { ledger, now }: Office,
  given: { readonly token: string; readonly name: string; readonly email: string },
  id = newToken().slice(0, 22),
): Promise<Person | Fault> {
  const row: InvitationRow | undefined = await ledger.invitation(hashOf(given.token), now());
  if (row === undefined) return over();
  if (row.staffId !== null) {
    const known = await ledger.staffMember(row.staffId);
    return known === undefined ? over() : { id: known.id, name: known.name, email: known.email };
  }
  const name = staffName(given.name === '' ? row.name : given.name);
  if (name instanceof Fault) return name;
  const email = staffEmail(given.email === '' ? (row.email ?? '') : given.email);
  return email instanceof Fault ? email : { id, name, email };
}

async function join(office: Office, asked: Asked, token: string, person: Person, way: Way): Promise<Fault | undefined> {
  const { ledger, now, whoIs } = office;
  const atMs = now();
  const member = await ledger.acceptInvitation(hashOf(token), { person, way, atMs, address: asked.address });
  whoIs.forget();
  if (member instanceof Fault) return member;
  if (way.kind === 'password') {
    const browserToken = newToken();
    asked.cookies.setBrowser(browserToken);
    await ledger.rememberBrowser(member.id, hashOf(browserToken), atMs);
  }
  await letIn(office, asked, member, 'invitation');
  return undefined;
}

/** Shows a secret for an app of codes. Until a code proves that the app has it, it lies sealed with the browser's own secret. */
export async function beginTotp(office: Office, asked: Asked, purpose: string, name: string): Promise<object> {
  const { ledger, now } = office;
  const secret = newTotpSecret();
  const { hash, key } = browserOf(asked);
  const row = { browserHash: hash, purpose: `totp ${purpose}`, body: seal(secret, key) };
  await ledger.putChallenge({ ...row, expiresAtMs: now() + TOTP_SETUP_MS }, now());
  return totpSetup(secret, name);
}

/**
 * A good password, and a code of the app that was just set up. `staff.code-wrong` may be tried again with the same app, while the
 * time for it lasts.
 */
export async function passwordWay(
  { ledger, now }: Office,
  { browserToken }: Asked,
  purpose: string,
  person: Person,
  { password, code }: { readonly password: string; readonly code: string },
): Promise<Extract<Way, { kind: 'password' }> | Fault> {
  const problem = passwordProblem(password, person);
  if (problem !== undefined) return problem;
  if (browserToken === undefined) return challengeOver();
  const browserHash = hashOf(browserToken);
  const sealed = await ledger.takeChallenge(browserHash, `totp ${purpose}`, now());
  const secret = sealed && unseal(sealed, keyFrom(browserToken));
  if (sealed === undefined || secret === undefined || secret === '') return challengeOver();
  const step = totpStep(secret, code, now());
  if (step === undefined) {
    const row = { browserHash, purpose: `totp ${purpose}`, body: sealed, expiresAtMs: now() + TOTP_SETUP_MS };
    await ledger.putChallenge(row, now());
    return new Fault('staff.code-wrong', 'this is not the code that the app shows now');
  }
  const { hash, key } = await hashPassword(password);
  const row = { hash, sealedTotp: seal(secret, key), totpStep: step, setAtMs: now() };
  return { kind: 'password', password: row };
}
