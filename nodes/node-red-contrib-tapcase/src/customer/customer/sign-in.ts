// Checks a sign-in code; a right one makes the customer, if new, and the session cookie.
import { randomUUID } from 'node:crypto';
import { parsed, says } from '@tapcase/define-node';
import { type Language, orThrow, type SignInRequest } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { headerOf, readBody } from '../../messages.ts';
import { sessionCookie } from '../../shop/sessions/cookie.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { readEmail } from '../email.ts';
import type { CustomerPart } from './contract.ts';

/** Guesses at one code. With a million codes, five are one chance in 200,000. */
const ATTEMPTS_MAX = 5;

interface SignIn extends SignInRequest {
  /** For a customer who is new: the language of the phone. */
  readonly language: Language;
}

export const signInPart: CustomerPart<SignIn> = {
  /** The body; `request.not-json` or `request.invalid`. */
  parseMessage: (raw) =>
    parsed(() => {
      const body = readBody(raw);
      return {
        email: readEmail(body, 'email'),
        code: body.text('code', { max: 6, pattern: /^[0-9]{6}$/ }),
        language: /^es\b/i.test(headerOf(raw, 'accept-language') ?? '') ? 'es' : 'en',
      };
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').sessions);
    return async ({ email, code, language }) => {
      const atMs = node.now();
      const hash = sessions.hashCode(email, code);
      const check = await ledger.checkSignInCode(email, { hash, atMs, attemptsMax: ATTEMPTS_MAX });
      if (check !== 'right') {
        // The phone is told the same for all three: whoever guesses learns nothing from the answer.
        const refusal = { code: 'sign-in.wrong-code', why: check };
        return { to: 'refused', add: { refusal }, status: says(check), look: 'needs-person' };
      }
      const customer = await ledger.customerByEmail(email, { id: randomUUID(), language, atMs });
      const token = await sessions.issue(customer.id, atMs);
      const cookies = sessionCookie(token, sessions.secureCookie);
      return { to: 'done', add: { customer, cookies }, status: says('signed in') };
    };
  },
};
