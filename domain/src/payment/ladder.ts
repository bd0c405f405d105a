// The ladder: what is asked of Stripe next, so that a visit ends paid in full, or with the rest as a debt. Pure.
import type { Outcome } from '../visit/phases.ts';
import {
  heldOf,
  type IntentFacts,
  type MoneyFacts,
  type MoneyStepKind,
  NOT_DONE,
  nextAttempt,
  receivedMinor,
  type StepFacts,
} from './facts.ts';
import { isChargeable } from './money.ts';

export interface StepMove {
  readonly kind: 'step';
  readonly step: {
    readonly kind: 'increment' | 'capture' | 'cancel' | 'charge';
    readonly attempt: number;
    /** increment: the new total of the hold; capture, charge: what is taken; cancel: 0. */
    readonly amountMinor: number;
  };
}

export interface EndMove {
  readonly kind: 'end';
  readonly outcome: Outcome;
  /** Taken and not paid. */
  readonly debtMinor: number;
  /** The hold could not be let go: a person should know, and the bank lets it lapse. */
  readonly holdLeft: boolean;
}

export type Move = StepMove | EndMove;

/** A hold of at most a fifth of the basket is let go, and the basket charged as one: one line on the statement. */
const SMALL_HOLD_PART = 5;
/** A step that was looked up and never happened is asked again this often; then it counts as refused. */
const NOT_DONE_MAX = 5;

/**
 * Ask when no step is pending; each answer is recorded before the next question. The rungs, top down:
 * let go what is not owed; capture within the hold; raise the hold; capture above it (overcapture); charge the rest
 * off-session (the whole basket where the hold is small or the rest below the currency's minimum); what then is not
 * received is a debt. What is received never exceeds the total, and a step that was refused is not asked again,
 * so the ladder ends after at most one step of each rung.
 */
export function nextMove(facts: MoneyFacts): Move {
  const held = heldOf(facts);
  const owedMinor = facts.review ? 0 : facts.totalMinor - receivedMinor(facts);
  if (owedMinor <= 0) return held === undefined ? end(facts) : letGo(facts);
  return held === undefined ? withoutHold(facts, owedMinor) : withHold(facts, held, owedMinor);
}

function withHold(facts: MoneyFacts, held: IntentFacts, owedMinor: number): Move {
  const { capturableMinor, captureMaxMinor, canIncrement } = held;
  if (owedMinor > capturableMinor && canIncrement === true && isOpen(facts, 'increment')) {
    return move(facts, 'increment', owedMinor);
  }
  if (owedMinor <= Math.max(capturableMinor, captureMaxMinor ?? 0) && isOpen(facts, 'capture', owedMinor)) {
    return move(facts, 'capture', owedMinor);
  }
  const restMinor = owedMinor - capturableMinor;
  const secureFirst = restMinor > 0 && isOpen(facts, 'capture', capturableMinor);
  // What the bank has promised is taken first, unless the rest alone could not be charged or the hold is a trifle.
  const chargesWhole = !isChargeable(restMinor, facts.currency) || capturableMinor * SMALL_HOLD_PART <= owedMinor;
  if (secureFirst && !(chargesWhole && canCharge(facts, owedMinor))) return move(facts, 'capture', capturableMinor);
  if (canCharge(facts, owedMinor)) return move(facts, 'charge', owedMinor);
  return letGo(facts);
}

function withoutHold(facts: MoneyFacts, owedMinor: number): Move {
  return canCharge(facts, owedMinor) ? move(facts, 'charge', owedMinor) : end(facts);
}

/** The hold goes back to the customer; a bank that will not take it back leaves it to lapse, and a person to know. */
function letGo(facts: MoneyFacts): Move {
  return isOpen(facts, 'cancel') ? move(facts, 'cancel', 0) : end(facts);
}

function end(facts: MoneyFacts): EndMove {
  const { totalMinor, review, opened } = facts;
  const received = receivedMinor(facts);
  const debtMinor = review ? 0 : Math.max(0, totalMinor - received);
  return { kind: 'end', outcome: outcome(), debtMinor, holdLeft: heldOf(facts) !== undefined };

  function outcome(): Outcome {
    // More than the total can only be somebody else's doing; a person gives it back.
    if (review || received > totalMinor) return 'in_review';
    if (totalMinor === 0) return opened ? 'released' : 'unused';
    if (debtMinor === 0) return 'charged';
    return received === 0 ? 'owed' : 'partly_paid';
  }
}

function move(facts: MoneyFacts, kind: StepMove['step']['kind'], amountMinor: number): StepMove {
  return { kind: 'step', step: { kind, attempt: nextAttempt(facts.steps, kind), amountMinor } };
}

function canCharge(facts: MoneyFacts, amountMinor: number): boolean {
  return isChargeable(amountMinor, facts.currency) && isOpen(facts, 'charge');
}

/** Whether this was not answered yet. One increment and one charge are tried; captures by amount. */
function isOpen({ steps }: MoneyFacts, kind: MoneyStepKind, amountMinor?: number): boolean {
  const asked = steps.filter((step) => step.kind === kind);
  const answered = asked.filter((step) => !isNotDone(step));
  if (asked.length - answered.length >= NOT_DONE_MAX) return false;
  return !answered.some((step) => amountMinor === undefined || step.amountMinor === amountMinor);
}

function isNotDone({ state, code }: StepFacts): boolean {
  return state === 'failed' && code === NOT_DONE;
}
