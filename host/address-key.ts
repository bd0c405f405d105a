// By what a limit in memory counts whoever asks: an address, or a browser that others share it with.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ipKeyGenerator } from 'express-rate-limit';

export interface Asking {
  /** As Express tells it: whoever is trusted may have said another than the connection's. */
  readonly ip?: string | undefined;
}

/** Whoever has one address of IPv6 has 2^64 of them. Whose connection is gone already has none, and hears no answer either. */
export function addressKey({ ip }: Asking): string {
  return ip === undefined ? 'gone' : ipKeyGenerator(ip);
}

/** As the customers' sessions have it (nodes/.../shop/sessions/cookie.ts). */
const SESSION = /(?:^|;\s*)tapcase_session=([^;]{20,100})/;

/** Of a browser at its address that says it has signed in: what it says is not looked up here, and not kept as it is. */
export function browserKey(request: Asking & { readonly headers: IncomingHttpHeaders }): string | undefined {
  const [, secret] = SESSION.exec(request.headers.cookie ?? '') ?? [];
  if (secret === undefined) return undefined;
  return `${addressKey(request)} ${createHash('sha256').update(secret).digest('base64url')}`;
}
