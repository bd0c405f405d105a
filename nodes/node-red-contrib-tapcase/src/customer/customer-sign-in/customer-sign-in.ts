// Checks a sign-in code; a right one makes the customer, if new, and the session cookie.
import { randomUUID } from 'node:crypto';
import { defineNode } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { CodeCheck, Ledger } from '@tapcase/ledger';
import type { Sessions } from '../../shop/sessions/contract.ts';
import { sessionCookie } from '../../shop/sessions/cookie.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** Guesses at one code. With a million codes, five are one chance in 200,000. */
const ATTEMPTS_MAX = 5;

export default defineNode({
  type: 'customer-sign-in',
  outputs: ['signed-in', 'wrong'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = node.use<Sessions>(config.sessions, 'sessions');
    return async ({ email, code, language }) => {
      const atMs = node.now();
      const hash = sessions.hashCode(email, code);
      const check = await ledger.checkSignInCode(email, { hash, atMs, attemptsMax: ATTEMPTS_MAX });
      if (check !== 'right') {
        return { to: 'wrong', add: { error: whyNot(check) }, status: `code ${check}`, look: 'needs-person' };
      }
      const customer = await ledger.customerByEmail(email, { id: randomUUID(), language, atMs });
      const token = await sessions.issue(customer.id, atMs);
      const cookies = sessionCookie(token, sessions.secureCookie);
      return { to: 'signed-in', add: { customer, cookies }, status: 'signed in' };
    };
  },
});

/** As api-fault answers it. */
function whyNot(check: Exclude<CodeCheck, 'right'>): Pick<Fault, 'code' | 'message'> {
  switch (check) {
    case 'wrong':
      return { code: 'code.wrong', message: 'not the code that was sent' };
    case 'expired':
      return { code: 'code.expired', message: 'the code is too old, or none was sent' };
    case 'too_many':
      return { code: 'code.too-many', message: 'too many wrong codes' };
  }
}
