// Makes and checks session tokens (JWT, HS256) and hashes sign-in codes; the only file that imports jose.
import { createHmac, hkdfSync } from 'node:crypto';
import { Fault } from '@tapcase/domain';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Sessions } from './port.ts';

/** A customer taps a few times a year and should not have to sign in each time. */
export const SESSION_DAYS = 180;
export const SESSION_SECONDS = SESSION_DAYS * 86_400;

/** 256 bits as hex are 64 characters, as base64 43; below 32 characters somebody typed a word. */
const KEY_LENGTH_MIN = 32;
/** Far above any token of ours; longer ones are not even parsed. */
const TOKEN_LENGTH_MAX = 1_024;

/** Throws `config.weak-secret`. */
export function createSessions(secret: string, { secureCookie }: { readonly secureCookie: boolean }): Sessions {
  if (secret.length < KEY_LENGTH_MIN) {
    throw new Fault('config.weak-secret', `the session key wants ${KEY_LENGTH_MIN} characters or more`);
  }
  // A key per purpose: a hash of a code can never pass as the signature of a token.
  const tokenKey = deriveKey(secret, 'tapcase/session/v1');
  const codeKey = deriveKey(secret, 'tapcase/sign-in-code/v1');
  return {
    secureCookie,
    issue: (customerId, atMs) => {
      const atSeconds = Math.floor(atMs / 1_000);
      return new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(customerId)
        .setIssuedAt(atSeconds)
        .setExpirationTime(atSeconds + SESSION_SECONDS)
        .sign(tokenKey);
    },
    check: (token, nowMs) => checkToken(token, tokenKey, nowMs),
    hashCode: (email, code) => createHmac('sha256', codeKey).update(`${email}\n${code}`).digest('hex'),
  };
}

async function checkToken(token: string, key: Uint8Array, nowMs: number): Promise<string | Fault> {
  if (token.length > TOKEN_LENGTH_MAX) return new Fault('session.invalid', 'not a session token');
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      currentDate: new Date(nowMs),
      requiredClaims: ['sub', 'exp'],
    });
    return payload.sub ?? '';
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired) return new Fault('session.expired', 'the session has ended');
    if (thrown instanceof errors.JOSEError) return new Fault('session.invalid', 'not a session token');
    throw thrown;
  }
}

function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32));
}
