// Gives the browser that asks a sign-in code for an e-mail address, keeps its keyed hash, and hands on the mail that tells it.
import { randomInt } from 'node:crypto';
import { parsed, says } from '@tapcase/define-node';
import { CODE_LIFE_MS, type CodeRequest, Fault, LONG_CODE, longCode, orThrow, SHORT_CODE } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { cookieOf, networkOf, readBody } from '../../messages.ts';
import { REQUEST_COOKIE, requestCookie } from '../../shop/sessions/cookie.ts';
import { hashOfSecret, newSecret } from '../../shop/sessions/secrets.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import { readEmail } from '../email.ts';
import { codeMail } from './code-mail.ts';
import type { CustomerPart } from './contract.ts';

/** Who asks for codes for a hundred addresses is no customer; behind one address of a mobile network are many. */
const FROM_ONE_NETWORK = { windowMs: 600_000, max: 60 };

interface Asked extends CodeRequest {
  /** What this browser was given when it asked before. */
  readonly secret: string | undefined;
  readonly network: string;
}

export const codePart: CustomerPart<Asked> = {
  /** The body, its address lower-cased; `request.not-json` or `request.invalid`. */
  parseMessage: (raw) =>
    parsed(() => {
      const body = readBody(raw);
      return {
        email: readEmail(body, 'email'),
        language: body.oneOf('language', ['en', 'es']),
        secret: cookieOf(raw, REQUEST_COOKIE),
        network: networkOf(raw),
      };
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const sessions = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').sessions);
    return async ({ secret: shown, network, ...request }) => {
      const atMs = node.now();
      if (!(await ledger.countTry(`codes from ${network}`, FROM_ONE_NETWORK, atMs))) {
        throw new Fault('sign-in.too-many', 'too many codes were asked for from one network address');
      }
      const secret = shown !== undefined && hashOfSecret(shown) !== undefined ? shown : newSecret();
      const cookies = requestCookie(secret, sessions.secureCookie);
      const codes = {
        short: String(randomInt(SHORT_CODE.from, SHORT_CODE.below)),
        long: longCode(randomInt(LONG_CODE.from, LONG_CODE.below)),
      };
      const answer = await ledger.wishForCode(request.email, {
        request: hashOfSecret(secret)!,
        short: sessions.hashCode(request.email, codes.short),
        long: sessions.hashCode(request.email, codes.long),
        atMs,
      });
      switch (answer) {
        case 'too-soon':
          return { to: 'refused', add: { cookies }, status: says('too soon'), look: 'needs-person' };
        case 'shared':
          return { to: 'refused', add: { cookies }, status: says('mailed before'), look: 'needs-person' };
        case 'short':
        case 'long': {
          const mail = codeMail(request, codes[answer], CODE_LIFE_MS / 60_000);
          return { to: 'done', add: { mail, cookies }, status: says('code made') };
        }
      }
    };
  },
};
