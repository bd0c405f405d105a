// The part of the ledger's port that is about the staff: who they are, what lets them in, and what they did. Who changes
// something is written down in the transaction of the change: no order without its record.
import type { Act, Fault, StaffRole } from '@tapcase/domain';

export interface StaffRow {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: StaffRole;
  readonly createdAtMs: number;
  /** null: may sign in. */
  readonly disabledAtMs: number | null;
}

/** With what lets them in. */
export interface StaffWays extends StaffRow {
  readonly passkeys: number;
  readonly hasPassword: boolean;
}

export interface PasskeyRow {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly staffId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  /** What the authenticator last counted; 0 for one that does not. */
  readonly counter: number;
  readonly transports: readonly string[];
  /** For people: which of their keys this is. */
  readonly name: string;
  readonly addedAtMs: number;
  readonly usedAtMs: number | null;
}

/** A password and the secret of its second factor: one does not let in without the other. */
export interface PasswordRow {
  /** With the parameters that it was made with. */
  readonly hash: string;
  /** Encrypted with what only the password opens. */
  readonly sealedTotp: string;
  /** The newest step whose code was taken: no code is good twice. */
  readonly totpStep: number;
  readonly setAtMs: number;
}

export type Way =
  | { readonly kind: 'passkey'; readonly passkey: Omit<PasskeyRow, 'staffId' | 'usedAtMs'> }
  | { readonly kind: 'password'; readonly password: PasswordRow };

export interface InvitationRow {
  readonly id: string;
  readonly role: StaffRole;
  /** What the invited person is called; '' where they say it themselves. */
  readonly name: string;
  readonly email: string | null;
  /** Somebody who is there already, and gets a new way in. */
  readonly staffId: string | null;
  /** Good only while there is no owner. */
  readonly isFirstOwner: boolean;
  /** Who made it, as they were called. */
  readonly madeBy: string;
  readonly madeById: string | null;
  readonly expiresAtMs: number;
}

export interface Joining {
  /** Of a new person; of one who returns it stays as it was. */
  readonly person: Pick<StaffRow, 'id' | 'name' | 'email'>;
  readonly way: Way;
  readonly atMs: number;
  readonly address: string | null;
}

/** What a browser was asked, once. Known by the hash of the browser's own secret. */
export interface ChallengeRow {
  readonly browserHash: string;
  /** What it was asked for: an answer counts for nothing else. */
  readonly purpose: string;
  /** Whatever the answer is compared with. */
  readonly body: string;
  readonly expiresAtMs: number;
}

export interface ActRow extends Act {
  /** Rises with time. */
  readonly id: number;
}

export type StaffChange = { readonly role: StaffRole } | { readonly disabledAtMs: number | null };

export interface StaffLedger {
  // People
  /** The whole team, by name; those who may no longer sign in last. */
  staff(): Promise<readonly StaffWays[]>;
  staffMember(id: string): Promise<StaffRow | undefined>;
  /** By name or address, however it is written; among those who may sign in. */
  staffByLogin(login: string): Promise<StaffRow | undefined>;
  hasOwner(): Promise<boolean>;
  /**
   * Disabling ends their sessions, and what they have invited to. `staff.unknown`; `staff.last-owner`, for somebody must be
   * able to invite; `staff.name-taken` where another has the name by now.
   */
  changeStaff(id: string, change: StaffChange, act: Act): Promise<StaffRow | Fault>;

  // Passkeys
  passkeysOf(staffId: string): Promise<readonly PasskeyRow[]>;
  /** Of somebody who may sign in. */
  passkey(id: string): Promise<PasskeyRow | undefined>;
  /** `staff.passkey-known`, `staff.too-many-passkeys`. */
  addPasskey(row: Omit<PasskeyRow, 'usedAtMs'>, act: Act): Promise<undefined | Fault>;
  /** False where the counter is no longer `from`: somebody else used it, or a copy of it. */
  usePasskey(id: string, use: { readonly from: number; readonly to: number; readonly atMs: number }): Promise<boolean>;
  /** `staff.passkey-unknown`, `staff.last-way` where nothing else would let them in. */
  removePasskey(staffId: string, id: string, act: Act): Promise<undefined | Fault>;

  // Passwords
  password(staffId: string): Promise<PasswordRow | undefined>;
  setPassword(staffId: string, row: PasswordRow, act: Act): Promise<void>;
  /** False where a code of this step or a later one was taken before. */
  useTotp(staffId: string, step: number): Promise<boolean>;
  /** Remembers a browser in which somebody was let in by password: strangers' tries are counted apart from its own. */
  rememberBrowser(staffId: string, tokenHash: string, atMs: number): Promise<void>;
  knowsBrowser(staffId: string, tokenHash: string, nowMs: number): Promise<boolean>;

  // Invitations
  /** `staff.too-many-invitations`, `staff.name-taken`, `staff.unknown`. `alone`: no other link to an owner's place stays good. */
  invite(
    row: InvitationRow & { readonly tokenHash: string },
    act: Act,
    options?: { readonly alone?: boolean },
  ): Promise<undefined | Fault>;
  /** Used, revoked, expired, unknown: undefined. */
  invitation(tokenHash: string, nowMs: number): Promise<InvitationRow | undefined>;
  /** The open ones, the newest first. */
  invitations(nowMs: number): Promise<readonly InvitationRow[]>;
  revokeInvitation(id: string, act: Act): Promise<boolean>;
  /**
   * Once. Whoever returns loses what let them in before, and their sessions. `staff.invitation-over`, `staff.name-taken`,
   * `staff.passkey-known`, `staff.too-many`.
   */
  acceptInvitation(tokenHash: string, joining: Joining): Promise<StaffRow | Fault>;

  // What browsers are asked
  /** One of a browser and purpose: the newest. */
  putChallenge(row: ChallengeRow, nowMs: number): Promise<void>;
  /** Gives it once. */
  takeChallenge(browserHash: string, purpose: string, nowMs: number): Promise<string | undefined>;

  // What they did: append-only
  recordAct(act: Act): Promise<void>;
  /** The newest first, before the act `before`. */
  acts(page: {
    readonly before?: number;
    readonly staffId?: string;
    readonly limit: number;
  }): Promise<readonly ActRow[]>;
}
