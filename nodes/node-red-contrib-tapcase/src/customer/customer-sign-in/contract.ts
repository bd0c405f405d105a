// What customer-sign-in stores, and the code that a phone sends back.

import { chosen, parsed } from '@tapcase/define-node';
import type { Fault, Language, SignInRequest } from '@tapcase/domain';
import { headerOf, readBody } from '../../messages.ts';
import { readEmail } from '../email.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  sessions: { value: '', type: 'sessions', required: true },
} as const;

export interface CustomerSignInConfig {
  readonly ledger: string;
  readonly sessions: string;
}

export interface SignIn extends SignInRequest {
  /** For a customer who is new: the language of the phone. */
  readonly language: Language;
}

export function parseConfig(raw: unknown): CustomerSignInConfig {
  return { ledger: chosen(raw, 'ledger'), sessions: chosen(raw, 'sessions') };
}

/** The body; `request.not-json` or `request.invalid`. */
export function parseMessage(raw: unknown): SignIn | Fault {
  return parsed(() => {
    const body = readBody(raw);
    return {
      email: readEmail(body, 'email'),
      code: body.text('code', { max: 6, pattern: /^[0-9]{6}$/ }),
      language: /^es\b/i.test(headerOf(raw, 'accept-language') ?? '') ? 'es' : 'en',
    };
  });
}
