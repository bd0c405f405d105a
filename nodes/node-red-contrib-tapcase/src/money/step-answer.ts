// Reads the answer of whichever Stripe node was asked, and the step that it belongs to.

import { asFields, incomplete, parsed } from '@tapcase/define-node';
import {
  type Card,
  type Fault,
  judgeAnswer,
  judgeLook,
  NOT_DONE,
  type Reported,
  refusalOf,
  reportedOf,
} from '@tapcase/domain';
import type { MoneyAnswer } from '@tapcase/ledger';
import type { OrderedStep } from './ordered-step.ts';

export interface StepAnswer {
  readonly step: OrderedStep;
  readonly answer: MoneyAnswer;
  /** The card with which a debt was just paid. */
  readonly card: Card | undefined;
}

/** `message.incomplete` where the message has no step, or no answer to it. */
export function answerOn(raw: unknown): StepAnswer | Fault {
  return parsed(() => {
    const step = stepOf(raw);
    return { step, answer: answerOf(step, asFields(raw)), card: cardOf(asFields(asFields(raw).paid).card) };
  });
}

/** `msg.step`, which only the ledger’s journal and debt-pay write. */
export function stepOf(raw: unknown): OrderedStep {
  const { step } = asFields(raw);
  const { visitId, kind, attempt, answer } = asFields(step);
  if (typeof visitId !== 'string' || typeof kind !== 'string' || !Number.isInteger(attempt)) throw incomplete('step');
  if (typeof answer !== 'string') throw incomplete('step.answer');
  return step as OrderedStep;
}

function answerOf(step: OrderedStep, message: Readonly<Record<string, unknown>>): MoneyAnswer {
  const given = message[step.answer];
  switch (step.answer) {
    case 'looked':
      // Nothing found: a look adds no result.
      return judgeLook(step, given === undefined || given === null ? NOTHING : seen(step, given));
    case 'stripe':
    case 'settled':
    case 'charged':
      return judgeAnswer(step, seen(step, given));
    case 'refunded':
      return refundAnswer(given);
    case 'paid':
      return pageAnswer(step, given);
    case 'payPage':
      return openedPage(given);
  }
}

const NOTHING: Reported = { intent: null, refusal: null };

function seen(step: OrderedStep, given: unknown): Reported {
  return reportedOf(step, given, step.answer);
}

function refundAnswer(given: unknown): MoneyAnswer {
  const { refund, status } = asFields(given);
  const refusal = refusalOf(given);
  if (refusal !== null) return { kind: 'refused', ...refusal };
  if (typeof status !== 'string' || typeof refund !== 'string') throw incomplete('refunded');
  if (status !== 'failed' && status !== 'canceled') return { kind: 'done', refund };
  return { kind: 'refused', code: status, declineCode: null, adviceCode: null };
}

/** A page that was just opened for the customer. */
function openedPage(given: unknown): MoneyAnswer {
  const { session, url } = asFields(given);
  if (typeof session !== 'string' || typeof url !== 'string') throw incomplete('payPage');
  return { kind: 'page_open', session, url };
}

function pageAnswer(step: OrderedStep, given: unknown): MoneyAnswer {
  const { state, session, intent } = asFields(given);
  if (state === 'open' && typeof session === 'string') return { kind: 'page_open', session, url: null };
  if (state === 'closed') return { kind: 'refused', code: NOT_DONE, declineCode: null, adviceCode: null };
  if (state !== 'paid') throw incomplete('paid');
  return judgeAnswer(step, seen(step, intent));
}

function cardOf(given: unknown): Card | undefined {
  const { stripeCustomer, paymentMethod, brand, last4 } = asFields(given);
  const texts = [stripeCustomer, paymentMethod, brand, last4];
  return texts.every((text) => typeof text === 'string') ? (given as Card) : undefined;
}

/** Faults that are an answer: nothing was done, and the same question gets the same answer. */
const DEFINITE: ReadonlySet<string> = new Set(['stripe.refused-request', 'stripe.bad-message']);

/** What a fault's code says of a step: a definite no, or that nobody knows. */
export function withoutAnswer(code: string): MoneyAnswer {
  return DEFINITE.has(code)
    ? { kind: 'refused', code, declineCode: null, adviceCode: null }
    : { kind: 'unknown', code };
}
