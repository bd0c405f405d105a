// The session cookie as the HTTP response node wants it in `msg.cookies`.
import { SESSION_SECONDS } from './tokens.ts';

export const COOKIE_NAME = 'tapcase_session';

interface Cookie {
  readonly value: string | null;
  readonly path: '/';
  /** No script can read it. */
  readonly httpOnly: true;
  /** Lax, not strict: the tap's link comes from outside and must find its customer signed in. */
  readonly sameSite: 'lax';
  readonly secure: boolean;
  /** Milliseconds, as Express counts. */
  readonly maxAge?: number;
}
type Cookies = Readonly<Record<typeof COOKIE_NAME, Cookie>>;

export function sessionCookie(token: string, secure: boolean): Cookies {
  return { [COOKIE_NAME]: { ...attributes(secure), value: token, maxAge: SESSION_SECONDS * 1_000 } };
}

/** Attributes must be those it was set with, or the browser keeps it. */
export function clearedCookie(secure: boolean): Cookies {
  return { [COOKIE_NAME]: { ...attributes(secure), value: null } };
}

function attributes(secure: boolean) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}
