// What a staff's browser keeps: its session, and a secret of its own by which its questions and tries are told from others'.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { STAFF_SESSION_MS_MAX } from '@tapcase/domain';
import { isToken } from './secrets.ts';

const SESSION = 'tapcase_staff';
const BROWSER = 'tapcase_staff_browser';
/** As long as the ledger knows it (staff-access.ts). */
const BROWSER_SECONDS = 90 * 86_400;

export function sessionToken(request: IncomingMessage): string | undefined {
  return cookie(request, SESSION);
}

export function browserToken(request: IncomingMessage): string | undefined {
  return cookie(request, BROWSER);
}

export interface Cookies {
  setSession(token: string): void;
  endSession(): void;
  setBrowser(token: string): void;
}

/** No script reads them, and no other site's page sends them. */
export function cookiesOf(response: ServerResponse, origin: string): Cookies {
  const secure = origin.startsWith('https:') ? '; Secure' : '';
  const set = (name: string, value: string, seconds: number) => {
    const text = `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
    response.appendHeader('Set-Cookie', text);
  };
  return {
    setSession: (token) => set(SESSION, token, STAFF_SESSION_MS_MAX / 1000),
    endSession: () => set(SESSION, '', 0),
    setBrowser: (token) => set(BROWSER, token, BROWSER_SECONDS),
  };
}

/** Of a size that a token has; two of a name are none, for one of them was put there by somebody else. */
function cookie({ headers }: IncomingMessage, name: string): string | undefined {
  const parts = (headers.cookie ?? '').split(';').map((part) => part.trim());
  const values = parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
  const [value = ''] = values;
  return values.length === 1 && isToken(value) ? value : undefined;
}
