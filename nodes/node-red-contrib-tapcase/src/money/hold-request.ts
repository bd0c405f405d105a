// What stripe-hold is asked for a visit: the same visit always asks the same, so a repeated call is the same hold.
import type { Visit } from '@tapcase/domain';
import type { OrderedStep } from './ordered-step.ts';

export interface HoldRequest {
  readonly id: string;
  readonly attempt: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  readonly paymentMethod: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A visit holds once; a declined hold ends it, and the next tap is another visit. */
export const HOLD_ATTEMPT = 1;

export function holdRequest(visit: Visit): HoldRequest {
  return {
    id: visit.id,
    attempt: HOLD_ATTEMPT,
    amountMinor: visit.holdMinor,
    currency: visit.catalog.currency,
    customer: visit.card.stripeCustomer,
    paymentMethod: visit.card.paymentMethod,
    metadata: { visit: visit.id, case: visit.caseId, step: 'hold', attempt: String(HOLD_ATTEMPT) },
  };
}

/** `msg.step` for whoever writes down what became of the hold. */
export function holdStep({ id, holdMinor }: Visit): OrderedStep {
  return { visitId: id, kind: 'hold', attempt: HOLD_ATTEMPT, amountMinor: holdMinor, answer: 'stripe' };
}
