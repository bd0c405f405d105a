// By what a limit in memory counts whoever asks: an address, or a browser that others share it with.
import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

/** Whoever has one address of IPv6 has 2^64 of them. Whose connection is gone already has none, and hears no answer either. */
export function addressKey({ ip }: Pick<Request, 'ip'>): string {
  return ip === undefined ? 'gone' : ipKeyGenerator(ip);
}

/** As the customers' sessions have it (nodes/.../shop/sessions/cookie.ts). */
const SESSION = /(?:^|;\s*)tapcase_session=([^;]{20,100})/;

/** Of a browser at its address that says it has signed in: what it says is not looked up here, and not kept as it is. */
export function browserKey(request: Pick<Request, 'headers' | 'ip'>): string | undefined {
  const [, secret] = SESSION.exec(request.headers.cookie ?? '') ?? [];
  if (secret === undefined) return undefined;
  return `${addressKey(request)} ${createHash('sha256').update(secret).digest('base64url')}`;
}
