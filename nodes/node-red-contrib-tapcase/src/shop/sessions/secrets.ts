// Makes what a browser carries, and hashes what the ledger keeps of it.
import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Fault } from '@tapcase/domain';
import type { Sessions } from './port.ts';

/** 256 bits as hex are 64 characters, as base64 43; below 32 characters somebody typed a word. */
const KEY_LENGTH_MIN = 32;
/** Nobody guesses it, and its plain hash is as good as a keyed one. */
const SECRET_BYTES = 32;
/** As `newSecret` writes it; anything else is not looked for. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** A secret for a browser to show again. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** What the ledger knows a secret by; undefined for what cannot be one, such as the signed token of an earlier release. */
export function hashOfSecret(secret: string | undefined): string | undefined {
  if (secret === undefined || !SECRET.test(secret)) return undefined;
  return createHash('sha256').update(secret).digest('hex');
}

/** Throws `config.weak-secret`. */
export function createSessions(key: string, { secureCookie }: { readonly secureCookie: boolean }): Sessions {
  if (key.length < KEY_LENGTH_MIN) {
    throw new Fault('config.weak-secret', `the session key wants ${KEY_LENGTH_MIN} characters or more`);
  }
  const codeKey = new Uint8Array(hkdfSync('sha256', key, '', 'tapcase/sign-in-code/v1', 32));
  return {
    secureCookie,
    hashCode: (email, code) => createHmac('sha256', codeKey).update(`${email}\n${code}`).digest('hex'),
  };
}
