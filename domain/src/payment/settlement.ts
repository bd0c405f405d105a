// Decides what to do with a hold once the basket is known. Pure: the caller does it, step by step.
import type { Outcome } from '../visit/phases.ts';

export interface SettlementInput {
  readonly holdMinor: number;
  readonly totalMinor: number;
  /** Whether the door was ever opened: tells "never used" from "nothing taken". */
  readonly opened: boolean;
  /** The evidence is too poor to charge on: release, and let a person look. */
  readonly review: boolean;
}

export type SettlementStep =
  | { readonly kind: 'cancel'; readonly outcome: Outcome }
  | { readonly kind: 'capture'; readonly amountMinor: number; readonly outcome: Outcome };

/**
 * Nothing taken: cancel. Total within the hold: capture exactly that. Above it: capture the hold, the rest stays open
 * (`partly_paid`). Sum received never exceeds the total.
 */
export function planSettlement({ holdMinor, totalMinor, opened, review }: SettlementInput): SettlementStep {
  if (review) return { kind: 'cancel', outcome: 'in_review' };
  if (totalMinor === 0) return { kind: 'cancel', outcome: opened ? 'released' : 'unused' };
  if (totalMinor <= holdMinor) return { kind: 'capture', amountMinor: totalMinor, outcome: 'charged' };
  return { kind: 'capture', amountMinor: holdMinor, outcome: 'partly_paid' };
}

/** A step that Stripe has answered. */
export interface SettlementAnswer {
  readonly step: SettlementStep;
  /** What the PaymentIntent has received, whatever was asked for. */
  readonly amountReceivedMinor: number;
}

/** How a visit ends, given what Stripe really did: never better than the money says. */
export function settledOutcome({ step, amountReceivedMinor }: SettlementAnswer): Outcome {
  const wantedMinor = step.kind === 'capture' ? step.amountMinor : 0;
  if (amountReceivedMinor === wantedMinor) return step.outcome;
  // More than was asked for can only be somebody else's doing; a person gives it back.
  if (amountReceivedMinor > wantedMinor) return 'in_review';
  return amountReceivedMinor === 0 ? 'owed' : 'partly_paid';
}
