// What customer-code stores, and the request for a sign-in code that a phone sends.

import { chosen, parsed } from '@tapcase/define-node';
import type { CodeRequest, Fault } from '@tapcase/domain';
import { readBody } from '../../messages.ts';
import { readEmail } from '../email.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  sessions: { value: '', type: 'sessions', required: true },
} as const;

export interface CustomerCodeConfig {
  readonly ledger: string;
  readonly sessions: string;
}

export function parseConfig(raw: unknown): CustomerCodeConfig {
  return { ledger: chosen(raw, 'ledger'), sessions: chosen(raw, 'sessions') };
}

/** The body, its address lower-cased; `request.not-json` or `request.invalid`. */
export function parseMessage(raw: unknown): CodeRequest | Fault {
  return parsed(() => {
    const body = readBody(raw);
    return { email: readEmail(body, 'email'), language: body.oneOf('language', ['en', 'es']) };
  });
}
