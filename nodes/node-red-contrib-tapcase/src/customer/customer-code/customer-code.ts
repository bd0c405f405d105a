// Makes a sign-in code for an e-mail address, keeps its keyed hash, and hands on the mail that tells it.
import { randomInt } from 'node:crypto';
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import type { Sessions } from '../../shop/sessions/contract.ts';
import { createCodeLimit } from './code-limit.ts';
import { codeMail } from './code-mail.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** Long enough for a slow mail server, short enough that a mailbox opened later holds nothing of use. */
const CODE_MINUTES = 10;

export default defineNode({
  type: 'customer-code',
  outputs: ['mail', 'too-soon'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = node.use<Sessions>(config.sessions, 'sessions');
    const mayHaveCode = createCodeLimit();
    return async (request) => {
      const atMs = node.now();
      if (!mayHaveCode(request.email, atMs)) return { to: 'too-soon', status: 'too soon', look: 'needs-person' };
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      await ledger.putSignInCode(request.email, {
        hash: sessions.hashCode(request.email, code),
        expiresAtMs: atMs + CODE_MINUTES * 60_000,
        atMs,
      });
      return { to: 'mail', add: { mail: codeMail(request, code, CODE_MINUTES) }, status: 'code made' };
    };
  },
});
