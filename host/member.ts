// Who of the staff somebody is, for everything behind the door of a listener: the cloud knows it by its ledger, a Pi by what the
// cloud told it or by its own passwords.
import type { IncomingMessage } from 'node:http';
import type { StaffRole } from '@tapcase/domain';

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly role: StaffRole;
  /** What ends when they are signed out. */
  readonly sessionId: string;
}

export interface Identity {
  /**
   * Whoever has signed in and asks; undefined for anybody else. Rejects where nobody can tell. Without `isUse` it does not keep a
   * session awake: a socket comes back by itself.
   */
  who(request: IncomingMessage, isUse?: boolean): Promise<Member | undefined>;
  /** Whether they are still signed in, as what they were. Asking does not keep a session awake. */
  stillIs(member: Member): Promise<boolean>;
}
