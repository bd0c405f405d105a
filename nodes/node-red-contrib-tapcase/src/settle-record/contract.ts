// What settle-record stores, and what stripe-settle said.
import { type Outcome, settledOutcome, type Visit } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import { chosen, incomplete, requiredVisit } from '../messages.ts';
import type { Settle } from '../settle-plan/settle-plan.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'ledger', required: true },
} as const;

export interface SettleResult {
  readonly visit: Visit;
  /** undefined when there turned out to be no hold to settle. */
  readonly settle: Settle | undefined;
  /** Stripe's PaymentIntent status, or why it refused. */
  readonly status: string;
  readonly amountReceivedMinor: number;
  readonly refusedBecause: string | undefined;
}

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

export function parseMessage(raw: unknown): SettleResult {
  const { settle, settled } = asFields(raw);
  const visit = requiredVisit(raw);
  if (settle === undefined) {
    return { visit, settle: undefined, status: 'none', amountReceivedMinor: 0, refusedBecause: undefined };
  }
  const { status, amountReceivedMinor, code } = asFields(settled);
  const isAmount = Number.isSafeInteger(amountReceivedMinor) && (amountReceivedMinor as number) >= 0;
  if (!isAmount || typeof status !== 'string') throw incomplete('settled');
  return {
    visit,
    settle: settle as Settle,
    status,
    amountReceivedMinor: amountReceivedMinor as number,
    refusedBecause: typeof code === 'string' ? code : undefined,
  };
}

/** How the visit ends; without a hold there was never a door to open. */
export function outcomeOf({ settle, amountReceivedMinor }: SettleResult): Outcome {
  return settle === undefined ? 'unused' : settledOutcome({ step: settle, amountReceivedMinor });
}
