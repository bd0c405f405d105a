// Checks a sign-in code; a right one makes the customer, if new, and the session.
import { randomUUID } from 'node:crypto';
import { parsed, says } from '@tapcase/define-node';
import { browserName, CODE_GUESSES_MAX, type Language, orThrow, type SignInRequest } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { cookieOf, headerOf, readBody } from '../../messages.ts';
import { REQUEST_COOKIE, SESSION_MS, sessionCookie } from '../../shop/sessions/cookie.ts';
import { hashOfSecret, newSecret } from '../../shop/sessions/secrets.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { readEmail } from '../email.ts';
import type { CustomerPart } from './contract.ts';

/** One that no code of ours looks like is a wrong guess like any other. */
const DIGITS = /^[0-9]{6,12}$/;

interface SignIn extends SignInRequest {
  /** For a customer who is new: the language of the phone. */
  readonly language: Language;
  /** What this browser was given when it asked for the code. */
  readonly secret: string | undefined;
  readonly browser: string;
}

export const signInPart: CustomerPart<SignIn> = {
  /** The body; `request.not-json` or `request.invalid`. */
  parseMessage: (raw) =>
    parsed(() => {
      const body = readBody(raw);
      return {
        email: readEmail(body, 'email'),
        code: body.text('code', { max: 12, pattern: DIGITS }),
        language: /^es\b/i.test(headerOf(raw, 'accept-language') ?? '') ? 'es' : 'en',
        secret: cookieOf(raw, REQUEST_COOKIE),
        browser: browserName(headerOf(raw, 'user-agent') ?? ''),
      };
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').sessions);
    return async ({ email, code, language, secret: shown, browser }) => {
      const atMs = node.now();
      const request = hashOfSecret(shown);
      const guess = { hash: sessions.hashCode(email, code), atMs, attemptsMax: CODE_GUESSES_MAX };
      // From a browser that has not asked nothing is right, and nothing counts against the one that has.
      const check = request === undefined ? 'expired' : await ledger.checkSignInCode(email, { request, ...guess });
      if (check !== 'right') {
        // The phone is told the same for all three: whoever guesses learns nothing from the answer.
        const refusal = { code: 'sign-in.wrong-code', why: check };
        return { to: 'refused', add: { refusal }, status: says(check), look: 'needs-person' };
      }
      const customer = await ledger.customerByEmail(email, { id: randomUUID(), language, atMs });
      const secret = newSecret();
      await ledger.startSession({
        ...{ id: randomUUID(), kind: 'customer', subject: customer.id, label: browser },
        ...{ tokenHash: hashOfSecret(secret)!, createdAtMs: atMs, seenAtMs: atMs, expiresAtMs: atMs + SESSION_MS },
      });
      const cookies = sessionCookie(secret, sessions.secureCookie);
      return { to: 'done', add: { customer, cookies }, status: says('signed in') };
    };
  },
};
