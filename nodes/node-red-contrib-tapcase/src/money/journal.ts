// The ledger as the journal of stripe-capture: what a visit's money needs next, written down before Stripe is asked, and what
// Stripe said, with the end of the visit, its display and its receipt in the same transaction.
import { asFields, says } from '@tapcase/define-node';
import {
  type Basket,
  CARD_GONE,
  chargeable,
  intentOf,
  type Journal,
  type JournalNext,
  type MoneyMessage,
  type Outcome,
  orThrow,
  priced,
  type SaleEnd,
  type Visit,
} from '@tapcase/domain';
import type { Answered, BasketDecision, Ledger, MoneyAnswer, StepRef, StripeRefund } from '@tapcase/ledger';
import { requiredVisit } from '../messages.ts';
import { basketOf } from '../visit/price/contract.ts';
import { endEffects } from './end-effects.ts';
import { orderFor } from './orders.ts';
import { answerOn, stepOf, withoutAnswer } from './step-answer.ts';

/** Throws what the ledger throws, and `message.incomplete` for a message without a visit, a step or a readable answer. */
export function moneyJournal(ledger: Ledger): Journal {
  async function next(visitId: string, decision?: BasketDecision): Promise<JournalNext> {
    const atMs = Date.now();
    const found = await ledger.nextMoney(visitId, {
      atMs,
      ends: (ended, isLetGo) => endEffects(ended, isLetGo, atMs),
      decision,
    });
    switch (found.kind) {
      case 'send':
      case 'look': {
        const { kind, amountMinor } = found.step;
        return {
          kind: 'ask',
          ...orderFor(found),
          words: amountMinor > 0 ? says('__step__ __amount__', { step: says(kind), amount: amountMinor }) : says(kind),
        };
      }
      case 'doubt': {
        const { visit, intent } = found;
        const doubted: Doubted = { visitId: visit.id, intent };
        const cleared = { step: undefined, looked: undefined, lookedRefunds: undefined };
        const add = { ...cleared, visit, doubted, look: { intent, refunds: true } };
        return { kind: 'ask', act: 'look', add, words: says('look at the payment') };
      }
      case 'ended':
        return end(found.visit);
      case 'rest':
        return waiting(found.visit);
    }
  }

  async function answer(step: StepRef, told: MoneyAnswer): Promise<Answered> {
    const atMs = Date.now();
    return ledger.answerMoney(step, told, { atMs, ends: (ended, isLetGo) => endEffects(ended, isLetGo, atMs) });
  }

  /** Its owner is asked for a card again. */
  async function forget(paymentMethod: unknown): Promise<void> {
    if (typeof paymentMethod === 'string') await ledger.cardGone(paymentMethod, Date.now());
  }

  function after({ kind, visit }: Answered): Promise<JournalNext> | JournalNext {
    switch (kind) {
      case 'more':
        return next(visit.id);
      // The visit had ended before, and its debt or a refund has moved: the phone and the desk are told all the same.
      case 'changed':
      case 'ended':
        return end(visit);
      case 'rest':
        return waiting(visit);
    }
  }

  return {
    next: async (message) => {
      const { id, catalog } = requiredVisit(message);
      const basket = basketOf(message);
      if (basket === undefined) return next(id);
      return next(id, { ...decisionOf(basket, catalog), asksPerson: asFields(message).asksPerson === true });
    },
    answered: async (message) => {
      const doubted = asFields(message.doubted) as Partial<Doubted>;
      if (doubted.visitId !== undefined && doubted.intent !== undefined) {
        const { visitId, intent } = doubted;
        const facts = message.looked === undefined ? null : intentOf({ kind: 'hold' }, message.looked);
        await ledger.seenAtStripe(visitId, { intent, facts, refunds: refundsOn(message) }, Date.now());
        return next(visitId);
      }
      const { step, answer: told, card } = orThrow(answerOn(message));
      const answered = await answer(step, told);
      if (told.kind === 'refused' && told.code === CARD_GONE) await forget(asFields(message.charge).paymentMethod);
      // Whoever paid a debt with another card means that card from now on.
      if (card !== undefined && told.kind === 'done') await ledger.setCard(answered.visit.customerId, card, Date.now());
      return after(answered);
    },
    unanswered: async (message, code) => {
      // A look that failed is repeated: the payment stays doubted.
      if (message.doubted !== undefined) return waiting(requiredVisit(message));
      return after(await answer(stepOf(message), withoutAnswer(code)));
    },
  };
}

/** `msg.doubted` */
interface Doubted {
  readonly visitId: string;
  readonly intent: string;
}

/** `msg.lookedRefunds`, as the look at a payment added them. */
function refundsOn({ lookedRefunds }: MoneyMessage): readonly StripeRefund[] {
  return Array.isArray(lookedRefunds) ? (lookedRefunds as StripeRefund[]) : [];
}

function end(visit: Visit): JournalNext {
  return {
    kind: 'end',
    end: ENDS[visit.outcome ?? 'in_review'],
    add: { visit },
    words: says(visit.outcome ?? 'ended'),
  };
}

function waiting(visit: Visit): JournalNext {
  return { kind: 'end', end: 'waiting', add: { visit }, words: says('nothing to do') };
}

const ENDS: Readonly<Record<Outcome, SaleEnd>> = {
  charged: 'charged',
  refused: 'nothing',
  unused: 'nothing',
  released: 'nothing',
  partly_paid: 'owed',
  owed: 'owed',
  in_review: 'review',
};

/** Prices are the visit's own, frozen when it was opened; what comes off them was asked before. */
function decisionOf(basket: Basket, catalog: Visit['catalog']): BasketDecision {
  const { lines, flagged, review } = chargeable(basket);
  return { basket, totalMinor: orThrow(priced(lines, catalog, basket.adjustments)).totalMinor, flagged, review };
}
