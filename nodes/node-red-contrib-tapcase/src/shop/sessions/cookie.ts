// The cookies of signing in as the HTTP response node wants them in `msg.cookies`.
import { CODE_LIFE_MS } from '@tapcase/domain';

/** Who is signed in. */
export const SESSION_COOKIE = 'tapcase_session';
/** Which browser asked for a code: the code is good there and nowhere else. */
export const REQUEST_COOKIE = 'tapcase_code';

/** A customer taps a few times a year and should not have to sign in each time. */
export const SESSION_MS = 180 * 86_400_000;

interface Cookie {
  readonly value: string | null;
  readonly path: '/';
  /** No script can read it. */
  readonly httpOnly: true;
  readonly sameSite: 'lax' | 'strict';
  readonly secure: boolean;
  /** Milliseconds, as Express counts. */
  readonly maxAge?: number;
}
type Cookies = Readonly<Record<string, Cookie>>;

export function sessionCookie(secret: string, secure: boolean): Cookies {
  return { [SESSION_COOKIE]: { ...ofSession(secure), value: secret, maxAge: SESSION_MS } };
}

/** Attributes must be those it was set with, or the browser keeps it. */
export function clearedCookie(secure: boolean): Cookies {
  return { [SESSION_COOKIE]: { ...ofSession(secure), value: null } };
}

/** For as long as a code is good; no link from outside needs it. */
export function requestCookie(secret: string, secure: boolean): Cookies {
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
  return { [REQUEST_COOKIE]: { ...attributes, value: secret, maxAge: CODE_LIFE_MS } };
}

/** Lax, not strict: the tap's link comes from outside and must find its customer signed in. */
function ofSession(secure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}
