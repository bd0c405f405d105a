// Makes a sign-in code for an e-mail address, keeps its keyed hash, and hands on the mail that tells it.
import { randomInt } from 'node:crypto';
import { parsed, says } from '@tapcase/define-node';
import { type CodeRequest, orThrow } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { readBody } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { readEmail } from '../email.ts';
import { createCodeLimit } from './code-limit.ts';
import { codeMail } from './code-mail.ts';
import type { CustomerPart } from './contract.ts';

/** Long enough for a slow mail server, short enough that a mailbox opened later holds nothing of use. */
const CODE_MINUTES = 10;

export const codePart: CustomerPart<CodeRequest> = {
  /** The body, its address lower-cased; `request.not-json` or `request.invalid`. */
  parseMessage: (raw) =>
    parsed(() => {
      const body = readBody(raw);
      return { email: readEmail(body, 'email'), language: body.oneOf('language', ['en', 'es']) };
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').sessions);
    const mayHaveCode = createCodeLimit();
    return async (request) => {
      const atMs = node.now();
      if (!mayHaveCode(request.email, atMs)) return { to: 'refused', status: says('too soon'), look: 'needs-person' };
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      await ledger.putSignInCode(request.email, {
        hash: sessions.hashCode(request.email, code),
        expiresAtMs: atMs + CODE_MINUTES * 60_000,
        atMs,
      });
      return { to: 'done', add: { mail: codeMail(request, code, CODE_MINUTES) }, status: says('code made') };
    };
  },
};
