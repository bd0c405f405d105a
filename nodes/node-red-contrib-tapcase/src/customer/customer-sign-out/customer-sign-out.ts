// Takes the session cookie back from the phone.
import { defineNode } from '@tapcase/define-node';
import type { Sessions } from '../../shop/sessions/contract.ts';
import { clearedCookie } from '../../shop/sessions/cookie.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'customer-sign-out',
  outputs: ['signed-out'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const sessions = node.use<Sessions>(config.sessions, 'sessions');
    return () => ({
      to: 'signed-out',
      add: { cookies: clearedCookie(sessions.secureCookie), customer: undefined },
      status: 'signed out',
    });
  },
});
