// What customer-check stores, and where it finds the session token.
import { chosen } from '@tapcase/define-node';
import { cookieOf } from '../../messages.ts';
import { COOKIE_NAME } from '../../shop/sessions/cookie.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  sessions: { value: '', type: 'sessions', required: true },
} as const;

export interface CustomerCheckConfig {
  readonly ledger: string;
  readonly sessions: string;
}

export function parseConfig(raw: unknown): CustomerCheckConfig {
  return { ledger: chosen(raw, 'ledger'), sessions: chosen(raw, 'sessions') };
}

export function parseMessage(raw: unknown): { readonly token: string | undefined } {
  return { token: cookieOf(raw, COOKIE_NAME) };
}
