// A browser that a customer is signed in with, without the mail: the session as tapcase-customer makes it.
import { randomUUID } from 'node:crypto';
import type { Ledger } from '@tapcase/ledger';
import { SESSION_COOKIE, SESSION_MS } from '../nodes/node-red-contrib-tapcase/src/shop/sessions/cookie.ts';
import { hashOfSecret, newSecret } from '../nodes/node-red-contrib-tapcase/src/shop/sessions/secrets.ts';

/** Its cookie, as the header wants it. */
export async function signedIn(ledger: Ledger, customerId: string, atMs = Date.now()): Promise<string> {
  const secret = newSecret();
  await ledger.startSession({
    ...{ id: randomUUID(), kind: 'customer', subject: customerId, label: '' },
    ...{ tokenHash: hashOfSecret(secret)!, createdAtMs: atMs, seenAtMs: atMs, expiresAtMs: atMs + SESSION_MS },
  });
  return `${SESSION_COOKIE}=${secret}`;
}
