// How long a visit may rest in each phase before the sweep moves it on. Deadlines live in the ledger, not in timers.
import type { Phase } from './phases.ts';

/** The Stripe SDK gives up a call after 80 s; a step older than this has no call in flight. */
const VENDOR_CALL_MS = 90_000;

/**
 * Milliseconds from entering the phase until the sweep looks at the visit; null where nothing is awaited.
 * - unlocking: the unlock dies after 10 s and the controller's own 10 s follow; reports then need a modem's reconnect.
 * - unlocked: the controller reports opening or time-out after 10 s at the latest.
 * - open: a door held open still ends in a weighed close; half an hour without one is a broken case.
 * - closed: the cameras' report; after `visionWaitMs` the scale decides alone.
 * - reconciled: the settling follows at once; the sweep only finds what a crash left here.
 */
export function deadlineMs(phase: Phase, visionWaitMs: number): number | null {
  switch (phase) {
    case 'requested':
    case 'held':
      return VENDOR_CALL_MS;
    case 'unlocking':
      return 120_000;
    case 'unlocked':
      return 300_000;
    case 'open':
      return 1_800_000;
    case 'closed':
      return visionWaitMs;
    case 'reconciled':
      return 5_000;
    case 'settling':
      return VENDOR_CALL_MS;
    case 'done':
      return null;
  }
}
