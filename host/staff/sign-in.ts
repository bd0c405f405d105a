// Signing in and out: by passkey, or by password with a code. Guessing is bounded for each account and each address; a passkey is
// not asked how often a password was wrong, and a browser that its person has used before is not asked how often strangers were.
import { Fault, loginKey, PASSWORD_LENGTH_MAX, permissionsOf, type StaffMeView } from '@tapcase/domain';
import type { PasswordRow, StaffRow } from '@tapcase/ledger';
import { challengeOver, tooManyTries, wrong } from './answers.ts';
import { type Asked, actOf, ask, askedBefore, type Handler, letIn, type Office } from './asked.ts';
import { provePassword } from './passwords.ts';
import { hashOf, newToken, unseal } from './secrets.ts';
import { totpStep } from './totp.ts';
import type { StaffMember } from './who-is.ts';

const HOUR_MS = 3_600_000;
/**
 * From browsers that are not known. With the password known, ten codes an hour and thirty a day against three good ones of a
 * million are one success in about 11,000 days.
 */
export const ACCOUNT_HOUR = { windowMs: HOUR_MS, max: 10 };
export const ACCOUNT_DAY = { windowMs: 24 * HOUR_MS, max: 30 };
/** From each browser that its person has used before. */
export const KNOWN_BROWSER_HOUR = { windowMs: HOUR_MS, max: 10 };
const TELL_ONCE = { windowMs: HOUR_MS, max: 1 };

export const me: Handler<'GET /staff/api/me'> = async ({ passkeys }, { person }): Promise<StaffMeView> => ({
  person: person === undefined ? null : toView(person),
  passkeysWork: passkeys.work,
});

function toView({ id, name, role }: StaffMember): StaffMeView['person'] {
  return { id, name, role, may: permissionsOf(role) };
}

export const passkeyOptions: Handler<'POST /staff/api/sign-in/passkey/options'> = async (office, asked) => {
  const options = await office.passkeys.signIn();
  await ask(office, asked, 'sign-in', { challenge: options.challenge });
  return options;
};

export const byPasskey: Handler<'POST /staff/api/sign-in/passkey'> = async (office, asked) => {
  const { ledger, passkeys, now } = office;
  const { response } = asked.given;
  const question = await askedBefore<{ challenge: string }>(office, asked, 'sign-in');
  if (question === undefined) return challengeOver();
  const passkey = await ledger.passkey(response.id);
  const person = passkey && (await ledger.staffMember(passkey.staffId));
  if (passkey === undefined || person === undefined) return refused();
  const count = await passkeys.asserted(
    response as Parameters<typeof passkeys.asserted>[0],
    question.challenge,
    passkey,
  );
  if (count instanceof Fault) return count;
  const use = { from: passkey.counter, to: count, atMs: now() };
  if (!(await ledger.usePasskey(passkey.id, use))) return refused();
  await letIn(office, asked, person, 'passkey');
  return undefined;
};

const refused = () => new Fault('staff.passkey-refused', 'this passkey does not open anything here');

export const byPassword: Handler<'POST /staff/api/sign-in/password'> = async (office, asked) => {
  const { login, password, code } = asked.given;
  const { ledger } = office;
  const person = await ledger.staffByLogin(login);
  if (!(await mayTry(office, asked, login, person))) return tooManyTries();
  const row = person && (await ledger.password(person.id));
  // As long for nobody as for somebody; what nobody can have is not worth the time.
  const proved = password.length > PASSWORD_LENGTH_MAX ? undefined : await provePassword(password, row?.hash);
  if (person === undefined || row === undefined || proved === undefined) return wrong();
  if (!(await isFreshCode(office, person, row, proved.key, code))) return wrong();
  // A new secret: what a stranger may have put into this browser before is nothing from now on.
  const token = newToken();
  asked.cookies.setBrowser(token);
  await ledger.rememberBrowser(person.id, hashOf(token), office.now());
  await letIn(office, asked, person, 'password');
  return undefined;
};

async function mayTry(office: Office, asked: Asked, login: string, person: StaffRow | undefined): Promise<boolean> {
  const { ledger, now } = office;
  const browser = asked.browserToken === undefined ? undefined : hashOf(asked.browserToken);
  const isKnown =
    person !== undefined && browser !== undefined && (await ledger.knowsBrowser(person.id, browser, now()));
  if (isKnown) return ledger.countTry(`staff known ${browser}`, KNOWN_BROWSER_HOUR, now());
  // The same for a name that is nobody's: whether there is such a person does not show.
  const account = person?.id ?? hashOf(loginKey(login));
  const may =
    (await ledger.countTry(`staff hour ${account}`, ACCOUNT_HOUR, now())) &&
    (await ledger.countTry(`staff day ${account}`, ACCOUNT_DAY, now()));
  if (!may && person !== undefined && (await ledger.countTry(`staff told ${account}`, TELL_ONCE, now()))) {
    await ledger.recordAct(actOf(office, { person: undefined, address: asked.address }, 'guessed', person.name));
  }
  return may;
}

async function isFreshCode(
  { ledger, now }: Office,
  person: StaffRow,
  row: PasswordRow,
  key: Buffer,
  code: string,
): Promise<boolean> {
  const secret = unseal(row.sealedTotp, key);
  const step = secret === undefined ? undefined : totpStep(secret, code, now());
  return step !== undefined && (await ledger.useTotp(person.id, step));
}

export const signOut: Handler<'POST /staff/api/sign-out'> = async (office, asked) => {
  const { person, cookies } = asked;
  cookies.endSession();
  if (person === undefined) return undefined;
  await office.ledger.endSession('staff', person.id, person.sessionId);
  office.whoIs.forget();
  await office.ledger.recordAct(actOf(office, asked, 'signed-out', null));
  return undefined;
};
