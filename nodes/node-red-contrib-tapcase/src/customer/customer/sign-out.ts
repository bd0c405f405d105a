// Takes the session cookie back from the phone; any request may sign out.
import { says } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import { clearedCookie } from '../../shop/sessions/cookie.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { CustomerPart } from './contract.ts';

export const signOutPart: CustomerPart<undefined> = {
  parseMessage: () => undefined,
  build: (config, node) => {
    const sessions = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').sessions);
    return () => ({
      to: 'done',
      add: { cookies: clearedCookie(sessions.secureCookie), customer: undefined },
      status: says('signed out'),
    });
  },
};
