// The JSON that the staff's pages and their server exchange over HTTP (all under /staff/api, the staff's origin and cookie).
import type { Act, ActName } from '../staff/acts.ts';
import type { Permission, StaffRole } from '../staff/roles.ts';

export type { ActName, Permission, StaffRole };

/** GET /staff/api/me */
export interface StaffMeView {
  readonly person: {
    readonly id: string;
    readonly name: string;
    readonly role: StaffRole;
    readonly may: readonly Permission[];
  } | null;
  /** Not on an address that is only numbers, nor without TLS elsewhere than on this machine (W3C WebAuthn section 5.1.3). */
  readonly passkeysWork: boolean;
}

/** POST /staff/api/sign-in/password */
export interface PasswordSignIn {
  /** Name or e-mail address. */
  readonly login: string;
  readonly password: string;
  readonly code: string;
}

/** POST /staff/api/invitation: what a link stands for. */
export interface InvitationView {
  readonly role: StaffRole;
  readonly name: string;
  /** Somebody who is known already gets a new way in; their old ones end. */
  readonly isReturn: boolean;
  readonly expiresAtMs: number;
}

/** What an app for codes is given; shown once. */
export interface TotpSetupView {
  readonly secret: string;
  /** otpauth://totp/… */
  readonly uri: string;
  /** The same as a QR code: an SVG path over squares of 1, `size` of them on each side. */
  readonly qr: { readonly path: string; readonly size: number };
}

export interface StaffSessionView {
  readonly id: string;
  readonly label: string;
  readonly createdAtMs: number;
  readonly seenAtMs: number;
  /** The one that asks. */
  readonly isThis: boolean;
}

export interface PasskeyView {
  readonly id: string;
  readonly name: string;
  readonly addedAtMs: number;
  readonly usedAtMs: number | null;
}

/** GET /staff/api/account */
export interface AccountView {
  readonly passkeys: readonly PasskeyView[];
  /** null: none is set. */
  readonly passwordSetAtMs: number | null;
  readonly sessions: readonly StaffSessionView[];
}

export interface TeamMemberView {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: StaffRole;
  readonly disabledAtMs: number | null;
  readonly passkeys: number;
  readonly hasPassword: boolean;
  readonly sessions: readonly StaffSessionView[];
}

export interface OpenInvitationView {
  readonly id: string;
  readonly name: string;
  readonly role: StaffRole;
  readonly isReturn: boolean;
  readonly madeBy: string;
  readonly expiresAtMs: number;
}

/** GET /staff/api/team */
export interface TeamView {
  readonly people: readonly TeamMemberView[];
  readonly invitations: readonly OpenInvitationView[];
}

/** POST /staff/api/team/invite and /staff/api/team/link: shown once, kept nowhere. */
export interface LinkView {
  readonly url: string;
  readonly name: string;
  readonly expiresAtMs: number;
}

export interface ActView extends Act {
  readonly id: number;
}

/** GET /staff/api/audit?person=…&before=… */
export interface AuditView {
  readonly acts: readonly ActView[];
  readonly people: readonly { readonly id: string; readonly name: string }[];
  /** For the next page; null where this is the last. */
  readonly before: number | null;
}

/** GET /staff/api/restock */
export interface RestockView {
  readonly tasks: readonly never[];
}
