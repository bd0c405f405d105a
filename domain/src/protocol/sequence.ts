// Decides whether a numbered message is new: strictly rising for commands and status, a sliding window for reports.
import { Fault } from '../fault.ts';

/** How far behind the newest a report may arrive and still be told from a replay. A case that is offline for a
 * day queues a few dozen reports; 256 bits are 32 bytes a device and topic. */
export const WINDOW_SIZE = 256;

/** The highest number there is: one a second for 34,000 years, exact in a double and far from where doubles stop counting. */
export const SEQ_MAX = 2 ** 40;

/**
 * How far above the last number the next may be. A controller that has lost both copies of its number goes on up to 2^25
 * higher, and a case that was away for years missed fewer commands; from one mad number to the next, SEQ_MAX is 16,000 away.
 */
export const SEQ_STEP_MAX = 2 ** 26;

/** Which numbers of a sender and topic were seen: the highest, and a bitmap of the WINDOW_SIZE below it. */
export interface SeenWindow {
  readonly highest: number;
  /** Hex, WINDOW_SIZE / 4 digits; bit 0 (the last digit's lowest) is `highest` itself. */
  readonly bitmap: string;
}

export const EMPTY_WINDOW: SeenWindow = { highest: 0, bitmap: '0'.repeat(WINDOW_SIZE / 4) };

export type Arrival =
  | { readonly kind: 'new'; readonly window: SeenWindow }
  | { readonly kind: 'seen' }
  /** Older than the window reaches: it cannot be told from a replay, so it is neither recorded nor refused as new. */
  | { readonly kind: 'too_old' }
  /** So far above the highest that believing it would make us deaf to what comes after. */
  | { readonly kind: 'leap' };

/** What to make of number `seq`, and the window after it. */
export function arrive(window: SeenWindow, seq: number): Arrival {
  const bits = BigInt(`0x${window.bitmap}`);
  if (seq > window.highest) {
    const shift = seq - window.highest;
    if (leaps(window.highest, seq)) return { kind: 'leap' };
    const shifted = shift >= WINDOW_SIZE ? 0n : (bits << BigInt(shift)) & MASK;
    return { kind: 'new', window: toWindow(seq, shifted | 1n) };
  }
  const behind = window.highest - seq;
  if (behind >= WINDOW_SIZE) return { kind: 'too_old' };
  const bit = 1n << BigInt(behind);
  if ((bits & bit) !== 0n) return { kind: 'seen' };
  return { kind: 'new', window: toWindow(window.highest, bits | bit) };
}

/**
 * For commands and status: the number must be above the last one, `seq.replayed`, and not out of all reach, `seq.leap`. The
 * firmware has the same rule (orders.py); test/vectors/numbers.json is read by both.
 */
export function checkRising(last: number, seq: number): Fault | undefined {
  if (seq <= last) return new Fault('seq.replayed', `number ${seq} is not above ${last}`, { seq, last });
  if (leaps(last, seq)) return new Fault('seq.leap', `number ${seq} is out of reach of ${last}`, { seq, last });
  return undefined;
}

/** Whoever has heard nothing yet begins anywhere. */
function leaps(last: number, seq: number): boolean {
  return seq > SEQ_MAX || (last > 0 && seq - last > SEQ_STEP_MAX);
}

const MASK = (1n << BigInt(WINDOW_SIZE)) - 1n;

function toWindow(highest: number, bits: bigint): SeenWindow {
  return { highest, bitmap: bits.toString(16).padStart(WINDOW_SIZE / 4, '0') };
}
