// What settle-record stores, and what stripe-settle said.
import type { Outcome, Visit } from '@tapcase/domain';
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
  if (!Number.isSafeInteger(amountReceivedMinor)) throw incomplete('settled');
  return {
    visit,
    settle: settle as Settle,
    status: String(status ?? 'unknown'),
    amountReceivedMinor: amountReceivedMinor as number,
    refusedBecause: typeof code === 'string' ? code : undefined,
  };
}

/** How the visit ends, given what Stripe really did: never better than the money says. */
export function outcomeOf({ settle, status, amountReceivedMinor }: SettleResult): Outcome {
  if (settle === undefined) return 'unused';
  const planned = settle.outcome as Outcome;
  if (settle.kind === 'cancel') return planned;
  return status === 'succeeded' && amountReceivedMinor > 0 ? planned : 'owed';
}
