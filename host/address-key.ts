// By what a limit in memory counts whoever asks.
import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

/** Whoever has one address of IPv6 has 2^64 of them. Whose connection is gone already has none, and hears no answer either. */
export function addressKey({ ip }: Pick<Request, 'ip'>): string {
  return ip === undefined ? 'gone' : ipKeyGenerator(ip);
}
