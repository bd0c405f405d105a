// How long what lets staff in is good, and what an address or a password may be.
import { Fault } from '../fault.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A working day with a break: a browser left alone overnight is signed out in the morning. */
export const STAFF_IDLE_MS_MAX = 12 * HOUR_MS;
/** Whoever works every day shows once a week that they still have the key. */
export const STAFF_SESSION_MS_MAX = 7 * 24 * HOUR_MS;
/** A session that was just begun may change what lets its person in; an older one may have been left open. */
export const FRESH_MS_MAX = 10 * MINUTE_MS;
/** Over a weekend. */
export const INVITATION_MS = 72 * HOUR_MS;
/** A person finds their key, or the app with the codes, within this. */
export const CHALLENGE_MS = 5 * MINUTE_MS;
/** Installing an app for codes takes longer. */
export const TOTP_SETUP_MS = 15 * MINUTE_MS;
/** RFC 6238 section 5.2: the step that every app knows. */
export const TOTP_STEP_SECONDS = 30;
/** Phones, a laptop, a key in a drawer. */
export const PASSKEYS_MAX = 10;

/** Whoever drives to a case with a board in the bag is there within a day. */
export const BOARD_EXPECTED_MS = 24 * HOUR_MS;

export const PASSWORD_LENGTH_MIN = 12;
/** What is hashed at a stranger's wish has an end. */
export const PASSWORD_LENGTH_MAX = 200;

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,180}\.[^\s@]{2,}$/;

/** null: none was given. */
export function staffEmail(given: string): string | null | Fault {
  const email = given.trim().toLowerCase();
  if (email === '') return null;
  return EMAIL.test(email) ? email : new Fault('staff.bad-email', 'this is no e-mail address');
}

/** NIST SP 800-63B section 5.1.1: length counts, mixtures do not; what a stranger tries first is refused. */
export function passwordProblem(password: string, person: { readonly name: string; readonly email: string | null }) {
  if (password.length < PASSWORD_LENGTH_MIN) return new Fault('staff.password-short', 'twelve characters or more');
  if (password.length > PASSWORD_LENGTH_MAX) return new Fault('staff.password-long', 'two hundred characters or less');
  const plain = letters(password);
  const known = [person.name, person.email?.split('@')[0] ?? '', 'tapcase', 'password', 'contraseña', 'qwertyuiop'];
  const rest = known.map(letters).filter((word) => word.length > 2);
  const isGuessable =
    new Set(password).size < 5 ||
    (plain !== '' && '01234567890123456789'.includes(plain)) ||
    rest.some((word) => plain.includes(word) && plain.replaceAll(word, '').replace(/\d/g, '').length < 4);
  return isGuessable ? new Fault('staff.password-weak', 'somebody would guess this password') : undefined;
}

function letters(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
