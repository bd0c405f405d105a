// Decides whether a numbered message is new: strictly rising for commands and status, a sliding window for reports.
import { Fault } from '../fault.ts';

/** How far behind the newest a report may arrive and still be told from a replay. A case that is offline for a
 * day queues a few dozen reports; 256 bits are 32 bytes a device and topic. */
export const WINDOW_SIZE = 256;

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
  | { readonly kind: 'too_old' };

/** What to make of number `seq`, and the window after it. */
export function arrive(window: SeenWindow, seq: number): Arrival {
  const bits = BigInt(`0x${window.bitmap}`);
  if (seq > window.highest) {
    const shift = seq - window.highest;
    const shifted = shift >= WINDOW_SIZE ? 0n : (bits << BigInt(shift)) & MASK;
    return { kind: 'new', window: toWindow(seq, shifted | 1n) };
  }
  const behind = window.highest - seq;
  if (behind >= WINDOW_SIZE) return { kind: 'too_old' };
  const bit = 1n << BigInt(behind);
  if ((bits & bit) !== 0n) return { kind: 'seen' };
  return { kind: 'new', window: toWindow(window.highest, bits | bit) };
}

/** For commands and status: the number must be above the last one. `seq.replayed` otherwise. */
export function checkRising(last: number, seq: number): Fault | undefined {
  if (seq > last) return undefined;
  return new Fault('seq.replayed', `number ${seq} is not above ${last}`, { seq, last });
}

const MASK = (1n << BigInt(WINDOW_SIZE)) - 1n;

function toWindow(highest: number, bits: bigint): SeenWindow {
  return { highest, bitmap: bits.toString(16).padStart(WINDOW_SIZE / 4, '0') };
}
