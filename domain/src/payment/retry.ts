// What to do with a step whose answer did not come: the same call again, or only a look. And whether Stripe surely still
// knows its key, by Stripe's own clock: ours may have been set, and this process may have slept. Pure.
import type { MoneyStepState } from './facts.ts';

/** Stripe may forget a key after 24 h, and would then do the same thing a second time. */
export const KEY_TRUSTED_MS = 23 * 3_600_000;
/** No call of ours lasts longer (the SDK's time-outs and repeats); a look before that could miss what still runs. */
export const CALL_MS_MAX = 90_000;
/** Nobody else sends a step that was just sent. Shorter than a call may last: the key makes the second one harmless. */
export const SEND_LEASE_MS = 30_000;

/** What is dated later than this was written by a clock that was ahead: clocks of one shop differ by less. */
export const CLOCK_SLACK_MS = 5_000;

export interface SentFacts {
  readonly state: MoneyStepState;
  readonly firstSentAtMs: number | null;
  readonly lastSentAtMs: number | null;
  /** The last fault's code. */
  readonly code: string | null;
}

/** Faults after which the same key brings the same answer, so only a look can tell. */
const LOOK_AFTER = new Set(['stripe.unknown-outcome', 'stripe.key-reused']);

/**
 * Whether Stripe still knows the keys of everything that was first sent after `sinceMs`. Both by Stripe's clock; without
 * either nothing is proved. Whoever cannot prove it looks for the payment before sending.
 */
export function remembers(sinceMs: number | null, stripeNowMs: number | undefined): boolean {
  return sinceMs !== null && stripeNowMs !== undefined && stripeNowMs - sinceMs < KEY_TRUSTED_MS;
}

export type Again = 'send' | 'look' | { readonly waitUntilMs: number };

export function again({ state, firstSentAtMs, lastSentAtMs, code }: SentFacts, nowMs: number): Again {
  if (state === 'planned' || firstSentAtMs === null || lastSentAtMs === null) return 'send';
  // However old: whoever sends it looks first where its key may be forgotten. Judged by our clock, a step that is under way
  // while somebody sets that clock would be looked for in vain, and asked for under another key.
  if (code === null || !LOOK_AFTER.has(code)) return 'send';
  const quietAtMs = lastSentAtMs + CALL_MS_MAX;
  // Sent in the future: by a clock that was ahead, which nobody waits for.
  const isAhead = lastSentAtMs > nowMs + CLOCK_SLACK_MS;
  return isAhead || nowMs >= quietAtMs ? 'look' : { waitUntilMs: quietAtMs };
}

const FIRST_WAIT_MS = 2_000;
/** No unanswered step rests longer. */
export const WAIT_MS_MAX = 15 * 60_000;
/** "Slow down" is answered with more patience than a broken line. */
const SLOW_WAIT_MS = 10_000;

/** How long to wait after the `tries`-th unanswered call: doubling, at most a quarter of an hour. */
export function retryAfterMs(tries: number, code: string): number {
  const firstMs = code === 'stripe.rate-limited' ? SLOW_WAIT_MS : FIRST_WAIT_MS;
  // 2^20 is far beyond the limit; without a bound a large count would overflow.
  return Math.min(WAIT_MS_MAX, firstMs * 2 ** Math.min(Math.max(tries - 1, 0), 20));
}
