// Ends the session that a request shows, and takes its cookie back; any request may sign out.
import { says } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { cookieOf } from '../../messages.ts';
import { clearedCookie, SESSION_COOKIE } from '../../shop/sessions/cookie.ts';
import { hashOfSecret } from '../../shop/sessions/secrets.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { CustomerPart } from './contract.ts';

export const signOutPart: CustomerPart<{ readonly tokenHash: string | undefined }> = {
  parseMessage: (raw) => ({ tokenHash: hashOfSecret(cookieOf(raw, SESSION_COOKIE)) }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').sessions);
    return async ({ tokenHash }) => {
      // First the session, then the cookie: one that cannot be ended now is not said to have ended.
      const session = tokenHash === undefined ? undefined : await ledger.session('customer', tokenHash, node.now());
      if (session !== undefined) await ledger.endSession('customer', session.subject, session.id);
      const cookies = clearedCookie(sessions.secureCookie);
      return { to: 'done', add: { cookies, customer: undefined, session: undefined }, status: says('signed out') };
    };
  },
};
