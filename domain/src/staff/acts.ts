// What people of the staff did, as the audit names it: one word each, worded for people on the page.
import type { StaffRole } from './roles.ts';

export const ACTS = [
  'signed-in',
  'signed-out',
  /** Too many wrong passwords for one account: told once an hour. */
  'guessed',
  'joined',
  'let-in-again',
  'invited',
  'invitation-revoked',
  'link-made',
  'role-changed',
  'disabled',
  'enabled',
  'session-ended',
  'sessions-ended',
  'passkey-added',
  'passkey-removed',
  'password-set',
  // Orders that are given elsewhere.
  'refund',
  'waive',
  'lower',
  'review-decided',
  'learning-forgotten',
  'learning-run',
  'price-changed',
  'flows-deployed',
  'lock-down',
  'sale-opened',
  'restart',
  'tare',
  'board-expected',
] as const;

export type ActName = (typeof ACTS)[number];

export interface Act {
  readonly atMs: number;
  /** null: nobody who is known, as who types at the machine itself. */
  readonly staffId: string | null;
  /** As they were called and what they were then. */
  readonly name: string;
  readonly role: StaffRole | null;
  readonly act: ActName;
  /** What it was done to: a person's name, a visit, a case. */
  readonly subject: string | null;
  /** Plain JSON. Never a secret, a code or a customer's address. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** Where the request came from. */
  readonly address: string | null;
}
