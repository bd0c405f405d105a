// Takes the session cookie back from the phone; any request may sign out.
import type { Sessions } from '../../shop/sessions/contract.ts';
import { clearedCookie } from '../../shop/sessions/cookie.ts';
import type { CustomerPart } from './contract.ts';

export const signOutPart: CustomerPart<undefined> = {
  parseMessage: () => undefined,
  build: (config, node) => {
    const sessions = node.use<Sessions>(config.sessions, 'sessions');
    return () => ({
      to: 'done',
      add: { cookies: clearedCookie(sessions.secureCookie), customer: undefined },
      status: 'signed out',
    });
  },
};
