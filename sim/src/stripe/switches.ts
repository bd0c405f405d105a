// What differs from one Stripe account to another, and what the world does to requests and webhooks: set by tests.
import type { ShouldRetry } from './refusal.ts';

/** What the account may do. The defaults are a standard account's. */
export interface Switches {
  /** Holds may be raised where the request asked for it (IC+ pricing only). */
  increments: boolean;
  /** How much more than the hold a capture may take, in percent; 0: not available. */
  overcapturePercent: number;
  /** How a capture of less than the hold books the rest: some accounts show it as a refund on the charge. */
  partialCapture: 'released' | 'refunded';
}

export const STANDARD_ACCOUNT: Switches = { increments: false, overcapturePercent: 0, partialCapture: 'released' };

/** What can go wrong between a caller and Stripe. */
export type Misfortune =
  /** The connection closes before anything happened. */
  | 'drop-before'
  /** It is done, then the connection closes. */
  | 'drop-after'
  /** It is done, and the answer is a 500, now and whenever the same key asks again. */
  | 'error-after'
  /** A 500 before anything happened; the same key may ask again. */
  | 'error-before'
  /** It is done, and the answer takes `slowMs`. */
  | 'slow'
  | 'rate-limit'
  /** Another request holds the object: nothing is done, try again. */
  | 'lock-timeout';

export const MISFORTUNES: readonly Misfortune[] = [
  'drop-before',
  'drop-after',
  'error-after',
  'error-before',
  'slow',
  'rate-limit',
  'lock-timeout',
];

/** Something that will happen to certain requests. */
export interface Plan {
  readonly misfortune: Misfortune;
  /** How many requests meet with it. */
  readonly times: number;
  /** How many that match are let through first. */
  readonly skip: number;
  /** Against `METHOD /v1/path`. */
  readonly matching: RegExp;
  /** For `slow`. */
  readonly slowMs: number;
  /** What the 500 of `error-after` says about trying again. Stripe asks to stop, as its answer is for good. */
  readonly shouldRetry: ShouldRetry;
}

/** What happens to any request, by chance. */
export interface Weather {
  /** 0..1: how likely a request meets with one of `kinds`. */
  probability: number;
  kinds: readonly Misfortune[];
  slowMs: number;
  matching: RegExp;
}

/** How webhooks reach the shop. */
export type Delivery =
  | { readonly kind: 'normal' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'twice' }
  /** In random order: as many as come within the window, `batch` at most. */
  | { readonly kind: 'shuffled'; readonly batch: number; readonly windowMs?: number }
  /** Kept as undelivered: the list of events has them. */
  | { readonly kind: 'never' };
