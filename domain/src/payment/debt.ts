// A debt: what was taken and not paid. When it is asked for again, and when it is closed. Pure.
import type { DebtView } from '../protocol/api.ts';
import { isUnclear, type MoneyFacts, NOT_DONE, nextAttempt, receivedMinor, type StepFacts } from './facts.ts';
import type { StepMove } from './ladder.ts';
import { isChargeable } from './money.ts';

export interface Debt {
  readonly visitId: string;
  readonly customerId: string;
  /** As it was opened. */
  readonly amountMinor: number;
  /** What of it staff have let go. */
  readonly waivedMinor: number;
  readonly currency: string;
  readonly state: DebtView['state'];
  readonly reason: DebtView['reason'];
  /** Stripe's code of the refusal that made it, with the bank's and the network's advice. */
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly adviceCode: string | null;
  /** When the stored card is asked again; null: not by us. */
  readonly nextTryAtMs: number | null;
  readonly tries: number;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  /** Who closed it by hand, and why. */
  readonly closedBy: string | null;
  readonly closingNote: string | null;
}

/** Why nothing more could be charged: the last refusal of a charge or a capture. */
export interface Refused {
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly adviceCode: string | null;
}

/** A bank that says "later" is asked three times, a day apart; card networks fine merchants who ask more often. */
export const DEBT_TRIES_MAX = 3;
const DEBT_RETRY_MS = 24 * 3_600_000;

/** Declines that pass by themselves (docs.stripe.com/declines/codes); every other one is the card's or the person's. */
const PASSING = new Set([
  'insufficient_funds',
  'issuer_not_available',
  'processing_error',
  'reenter_transaction',
  'try_again_later',
  'card_velocity_exceeded',
  'withdrawal_count_limit_exceeded',
]);

export function debtReason({ code, declineCode }: Refused): DebtView['reason'] {
  if (code === 'authentication_required' || declineCode === 'authentication_required') return 'authentication';
  return code === 'card_declined' || declineCode !== null ? 'declined' : 'other';
}

/**
 * When the same card may be asked again; null: never. The network's advice outranks the bank's code:
 * `do_not_try_again` and `confirm_card_data` need another card, `try_again_later` is a promise.
 */
export function nextTryAtMs({ code, declineCode, adviceCode }: Refused, tries: number, nowMs: number): number | null {
  if (tries >= DEBT_TRIES_MAX) return null;
  // It was looked up and never reached the bank, which has therefore said nothing.
  if (code === NOT_DONE) return nowMs;
  const isPassing = adviceCode === null ? PASSING.has(declineCode ?? '') : adviceCode === 'try_again_later';
  return isPassing ? nowMs + DEBT_RETRY_MS : null;
}

/** What is written down where a debt is let go for that. */
export const TOO_SMALL_NOTE = 'below the least amount that can be charged';
/** Stripe's own word for it, where the currency's least amount is not known here. */
const TOO_SMALL_CODE = 'amount_too_small';

/** A debt that no charge can carry is the operator's to forgive: by the currency, or because Stripe has said so of as much. */
export function isTooSmall(debtMinor: number, currency: string, steps: readonly StepFacts[] = []): boolean {
  if (!isChargeable(debtMinor, currency)) return true;
  return steps.some(
    ({ kind, code, amountMinor }) => kind === 'charge' && code === TOO_SMALL_CODE && amountMinor >= debtMinor,
  );
}

export type DebtMove =
  | StepMove
  | { readonly kind: 'paid' }
  /** No charge can carry what is left: it is let go, or it would keep its customer out for ever. */
  | { readonly kind: 'too_small'; readonly restMinor: number }
  /** Nothing to do before `dueAtMs`; null: until the customer acts. */
  | { readonly kind: 'rest'; readonly dueAtMs: number | null };

/** Ask when no step is pending. */
export function nextDebtMove(facts: MoneyFacts, debt: Debt, nowMs: number): DebtMove {
  const restMinor = outstandingMinor(facts, debt);
  if (restMinor <= 0) return { kind: 'paid' };
  if (isTooSmall(restMinor, facts.currency, facts.steps)) return { kind: 'too_small', restMinor };
  // Perhaps it was paid and nobody heard of it: a second payment could be one too many.
  if (isUnclear(facts.steps)) return { kind: 'rest', dueAtMs: null };
  const { nextTryAtMs: dueAtMs } = debt;
  if (dueAtMs === null || dueAtMs > nowMs) return { kind: 'rest', dueAtMs };
  const attempt = nextAttempt(facts.steps, 'charge');
  return { kind: 'step', step: { kind: 'charge', attempt, amountMinor: restMinor } };
}

/** What a page or a charge may still take: never more than the debt, never more than the basket leaves open. */
export function outstandingMinor(
  facts: Pick<MoneyFacts, 'totalMinor' | 'intents'>,
  { amountMinor, waivedMinor }: Pick<Debt, 'amountMinor' | 'waivedMinor'>,
): number {
  return Math.min(amountMinor, facts.totalMinor - receivedMinor(facts)) - waivedMinor;
}
