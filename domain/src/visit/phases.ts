// The table of a visit: which event leads from which phase to which. Anything else is a Fault.
import { Fault } from '../fault.ts';

/** `done` is the only phase that a visit never leaves; its Outcome says how it ended. */
export type Phase =
  | 'requested'
  | 'held'
  | 'unlocking'
  | 'unlocked'
  | 'open'
  | 'closed'
  | 'reconciled'
  | 'settling'
  | 'done';

export type Outcome =
  /** The hold was declined or could not be made: the door stayed shut. */
  | 'refused'
  /** The door was never opened. */
  | 'unused'
  /** Opened, and nothing was taken. */
  | 'released'
  | 'charged'
  /** A part of the basket could not be charged; the rest is a debt. */
  | 'partly_paid'
  /** Taken, and nothing could be charged: all of it is a debt. */
  | 'owed'
  /** A person must look before anything is charged; the hold is released. */
  | 'in_review';

export type VisitEvent =
  | 'hold_made'
  | 'hold_refused'
  /** Stripe did not answer: the door stays shut, and the hold, if there is one, is let go. */
  | 'hold_unknown'
  | 'unlock_sent'
  | 'door_unlocked'
  | 'door_opened'
  | 'door_closed'
  /** The controller locked again because nobody opened the door. */
  | 'door_timeout'
  | 'door_open_too_long'
  /** The controller does not obey the unlock of this visit, and never will. */
  | 'door_refused'
  /** The case stayed silent past the phase's deadline. */
  | 'case_silent'
  | 'basket_decided'
  | 'settle_started'
  | 'settled';

/**
 * Reports may be lost, late or out of order, so a later door report also moves a visit that missed an earlier one:
 * a `door_closed` tells all that `door_unlocked` and `door_opened` would have told.
 * A report that tells nothing new (a `door_opened` after `door_closed`) leaves the phase as it is.
 */
const TABLE: Readonly<Record<Phase, Partial<Record<VisitEvent, Phase>>>> = {
  requested: { hold_made: 'held', hold_refused: 'done', hold_unknown: 'settling', case_silent: 'settling' },
  held: { unlock_sent: 'unlocking', case_silent: 'settling' },
  unlocking: {
    door_unlocked: 'unlocked',
    door_opened: 'open',
    door_open_too_long: 'open',
    door_closed: 'closed',
    door_timeout: 'reconciled',
    door_refused: 'reconciled',
    case_silent: 'reconciled',
  },
  unlocked: {
    door_refused: 'unlocked',
    door_unlocked: 'unlocked',
    door_opened: 'open',
    door_open_too_long: 'open',
    door_closed: 'closed',
    door_timeout: 'reconciled',
    case_silent: 'reconciled',
  },
  open: {
    door_refused: 'open',
    door_unlocked: 'open',
    door_opened: 'open',
    door_open_too_long: 'open',
    door_closed: 'closed',
    case_silent: 'reconciled',
  },
  closed: {
    door_refused: 'closed',
    door_unlocked: 'closed',
    door_opened: 'closed',
    door_open_too_long: 'closed',
    door_closed: 'closed',
    basket_decided: 'reconciled',
  },
  // Nothing is left to ask where hands at Stripe have captured or let go of the hold before us.
  reconciled: { ...late('reconciled'), settle_started: 'settling', settled: 'done' },
  settling: { ...late('settling'), settle_started: 'settling', settled: 'done' },
  // A door report for a visit that has ended is evidence for a review, never a reason to charge again.
  done: late('done'),
};

/** Door reports that arrive after the basket was decided are kept and change nothing. */
function late(phase: Phase): Partial<Record<VisitEvent, Phase>> {
  return {
    door_unlocked: phase,
    door_opened: phase,
    door_open_too_long: phase,
    door_closed: phase,
    door_timeout: phase,
    door_refused: phase,
  };
}

/** The phase after `event`, or `visit.wrong-phase`. */
export function nextPhase(phase: Phase, event: VisitEvent): Phase | Fault {
  const next = TABLE[phase][event];
  if (next === undefined) return new Fault('visit.wrong-phase', `no ${event} in phase ${phase}`, { phase, event });
  return next;
}

/** True while goods may be in somebody's hand or money held: the case takes no other customer. */
export function occupiesCase(phase: Phase): boolean {
  return phase === 'requested' || phase === 'held' || phase === 'unlocking' || phase === 'unlocked' || phase === 'open';
}

export const PHASES = Object.keys(TABLE) as readonly Phase[];
