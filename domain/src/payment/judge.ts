// Judges an answer of Stripe's by the state it reports, not by which call made it so. Pure.
import { HELD, type IntentFacts, NOT_DONE, type StepFacts } from './facts.ts';

export interface Refusal {
  readonly code: string;
  readonly declineCode: string | null;
  readonly adviceCode: string | null;
}

/** Stripe knows the card no more: somebody has taken it off the customer, at the dashboard or elsewhere. */
export const CARD_GONE = 'card_gone';

/** Whether a hold's refusal is the bank's. What Stripe refuses for our request (`stripe.…`), or for a card that is gone, is not. */
export function isBanksNo(code: string): boolean {
  return code !== CARD_GONE && !code.startsWith('stripe.');
}

export interface Reported {
  /** As Stripe has it now; null: there is none, or the refusal did not carry it. */
  readonly intent: IntentFacts | null;
  /** Why Stripe said no; null when it did not. */
  readonly refusal: Refusal | null;
}

export type Judgement =
  | { readonly kind: 'done'; readonly intent: IntentFacts }
  | ({ readonly kind: 'refused'; readonly intent?: IntentFacts } & Refusal)
  /** Still under way at Stripe. */
  | { readonly kind: 'unknown'; readonly code: string };

type Asked = Pick<StepFacts, 'kind' | 'amountMinor'>;

/** The answer to a call: a refusal that carries an intent as it was wanted means that an earlier try got through. */
export function judgeAnswer(step: Asked, { intent, refusal }: Reported): Judgement {
  if (intent !== null && isAsAsked(step, intent)) return { kind: 'done', intent };
  if (intent?.status === 'processing') return { kind: 'unknown', code: 'stripe.in-flight' };
  return refused(intent, refusal ?? { code: 'unexpected_state', declineCode: null, adviceCode: null });
}

/** What a look at Stripe showed, long after the call: what was not done by now never will be. */
export function judgeLook(step: Asked, { intent, refusal }: Reported): Judgement {
  if (intent !== null && isAsAsked(step, intent)) return { kind: 'done', intent };
  if (intent?.status === 'processing') return { kind: 'unknown', code: 'stripe.in-flight' };
  const notDone = { code: NOT_DONE, declineCode: null, adviceCode: null };
  if (intent === null || intent.status === HELD) return refused(intent, notDone);
  return refused(intent, refusal ?? { code: 'unexpected_state', declineCode: null, adviceCode: null });
}

function refused(intent: IntentFacts | null, refusal: Refusal): Judgement {
  return { kind: 'refused', ...refusal, ...(intent === null ? {} : { intent }) };
}

function isAsAsked({ kind, amountMinor }: Asked, { status, receivedMinor, amountMinor: holds }: IntentFacts): boolean {
  switch (kind) {
    case 'hold':
      return status === HELD;
    case 'increment':
      return status === HELD && holds >= amountMinor;
    case 'capture':
    case 'charge':
    case 'pay':
      return status === 'succeeded' && receivedMinor === amountMinor;
    case 'cancel':
      return status === 'canceled';
    case 'refund':
      return false;
  }
}
