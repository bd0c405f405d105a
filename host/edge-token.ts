// What the cloud tells a Pi about one of its staff: signed with a key that only these two have, for one question of one browser.
import type { StaffRole } from '@tapcase/domain';
import { type Signer, signer } from './signed-words.ts';

export interface EdgeToken {
  readonly caseId: string;
  /** Of the browser that the Pi sent: nobody else's browser is let in by it. */
  readonly nonce: string;
  readonly id: string;
  readonly name: string;
  readonly role: StaffRole;
}

/** From one redirect to the next. A Pi's clock may be off by as much as half of it. */
export const EDGE_TOKEN_MS = 60_000;

/** `deviceKey`: the Pi's, which the cloud derives from its master key. */
export function edgeTokens(deviceKey: Uint8Array): Signer<EdgeToken> {
  return signer(deviceKey, 'edge-sign-on/v1');
}

export const NONCE = /^[A-Za-z0-9_-]{43}$/;
/** Where the cloud is asked, and where a Pi hears the answer. */
export const EDGE_PATH = '/staff/edge';
export const BACK_PATH = '/sign-in/cloud/back';
