// What signing in needs of the shop: keyed hashes of codes, whether cookies may travel in the clear, and how its dialog sets them.

import { Fault } from '@tapcase/domain';
import { publicUrlOf } from '../public-url.ts';

export interface Sessions {
  /** A sign-in code as the ledger keeps it: without the key a stolen ledger cannot be searched for all the codes there are. */
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
