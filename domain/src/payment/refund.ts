// Giving money back: never more than was received, split over the payments it came from. Pure.
import { Fault } from '../fault.ts';

export interface Payment {
  readonly intent: string;
  readonly receivedMinor: number;
  /** Given back or being given back. */
  readonly refundedMinor: number;
}

export interface RefundPart {
  readonly intent: string;
  readonly amountMinor: number;
}

/** The last payment first: a remainder that was charged apart goes back before the hold's capture is touched. */
export function splitRefund(payments: readonly Payment[], amountMinor: number): readonly RefundPart[] | Fault {
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 1) {
    return new Fault('refund.bad-amount', 'a refund is at least one minor unit', { amountMinor });
  }
  const leftMinor = payments.reduce((sum, each) => sum + each.receivedMinor - each.refundedMinor, 0);
  if (amountMinor > leftMinor) {
    return new Fault('refund.too-large', `only ${leftMinor} minor units are left to give back`, {
      amountMinor,
      leftMinor,
    });
  }
  const parts: RefundPart[] = [];
  let openMinor = amountMinor;
  for (const { intent, receivedMinor, refundedMinor } of [...payments].reverse()) {
    const partMinor = Math.min(openMinor, receivedMinor - refundedMinor);
    if (partMinor > 0) parts.push({ intent, amountMinor: partMinor });
    openMinor -= Math.max(partMinor, 0);
  }
  return parts;
}

export interface Adjustment {
  /** Forgiven of the debt. */
  readonly debtMinor: number;
  /** Given back. */
  readonly refundMinor: number;
}

/** Lowers what a visit costs: first what is still owed is forgiven, then what was paid too much goes back. */
export function planAdjustment(visit: {
  readonly totalMinor: number;
  readonly newTotalMinor: number;
  readonly owedMinor: number;
}): Adjustment | Fault {
  const { totalMinor, newTotalMinor, owedMinor } = visit;
  const lowerMinor = totalMinor - newTotalMinor;
  if (!Number.isSafeInteger(newTotalMinor) || newTotalMinor < 0 || lowerMinor < 1) {
    return new Fault('refund.bad-amount', 'an adjustment only ever lowers a total', { totalMinor, newTotalMinor });
  }
  const debtMinor = Math.min(owedMinor, lowerMinor);
  return { debtMinor, refundMinor: lowerMinor - debtMinor };
}
