// The shop's sessions: what nodes get of them (signed tokens, keyed hashes of codes), and how the shop's dialog sets them.

import { Fault } from '@tapcase/domain';
import { publicUrlOf } from '../public-url.ts';

export interface Sessions {
  /** A token that says who the customer is, and nothing else. */
  issue(customerId: string, atMs: number): Promise<string>;
  /** The customer's id, or `session.expired` or `session.invalid`. */
  check(token: string, nowMs: number): Promise<string | Fault>;
  /** A sign-in code as the ledger keeps it: without the key a stolen ledger cannot be searched for the million codes. */
  hashCode(email: string, code: string): string;
  /** False only where the shop itself is reached over http, as on a laptop. */
  readonly secureCookie: boolean;
}

export interface SessionsConfig {
  readonly secureCookie: boolean;
}

/** `config.invalid` when the public URL is not one. */
export function readSessions(raw: unknown): SessionsConfig | Fault {
  const publicUrl = publicUrlOf(raw, 'config.invalid');
  if (publicUrl instanceof Fault) return publicUrl;
  return { secureCookie: publicUrl === '' || publicUrl.startsWith('https:') };
}
