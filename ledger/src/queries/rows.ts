// Turns the ledger's rows into the domain's values.
import type {
  BasketLine,
  Card,
  Catalog,
  Debt,
  IntentFacts,
  Language,
  MoneyStepKind,
  MoneyStepState,
  Outcome,
  Phase,
  Review,
  TurnedAway,
  Visit,
} from '@tapcase/domain';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Customer, MoneyStep, StepParams, VisitEventRow } from '../port.ts';
import type { Tables } from '../tables.ts';
import { toBasket } from './basket-rows.ts';

/** A connection or the transaction that is under way. */
export type Db = Kysely<Tables> | Transaction<Tables>;

export function toVisit(row: Selectable<Tables['visits']>): Visit {
  return {
    id: row.id,
    caseId: row.case_id,
    customerId: row.customer_id,
    requestId: row.request_id,
    language: row.language as Language,
    phase: row.phase as Phase,
    outcome: row.outcome as Outcome | null,
    catalog: JSON.parse(row.catalog) as Catalog,
    card: JSON.parse(row.card) as Card,
    holdMinor: row.hold_minor,
    intent: row.intent,
    openTooLong: row.open_too_long === 1,
    opened: row.opened === 1,
    turnedAway: row.turned_away as TurnedAway | null,
    review: row.review === 1,
    basket: row.basket === null ? null : toBasket(row.basket),
    totalMinor: row.total_minor,
    chargedMinor: row.charged_minor,
    refundedMinor: row.refunded_minor,
    flagged: row.flagged === 1,
    createdAtMs: row.created_at_ms,
    enteredAtMs: row.entered_at_ms,
    dueAtMs: row.due_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}

export function toEvent({ event, at_ms, phase, note }: Selectable<Tables['visit_events']>): VisitEventRow {
  return { event, atMs: at_ms, phase, note: note === null ? null : (JSON.parse(note) as Record<string, unknown>) };
}

export function toStep(row: Selectable<Tables['money_steps']>): MoneyStep {
  return {
    visitId: row.visit_id,
    kind: row.kind as MoneyStepKind,
    attempt: row.attempt,
    idempotencyKey: row.idempotency_key,
    amountMinor: row.amount_minor,
    state: row.state as MoneyStepState,
    code: row.code,
    declineCode: row.decline_code,
    adviceCode: row.advice_code,
    firstSentAtMs: row.sent_at_ms,
    lastSentAtMs: row.last_sent_at_ms,
    tries: row.tries,
    leasedUntilMs: row.leased_until_ms,
    answeredAtMs: row.answered_at_ms,
    intent: row.intent,
    refund: row.refund,
    params: row.params === null ? {} : (JSON.parse(row.params) as StepParams),
  };
}

export function toIntent(row: Selectable<Tables['intents']>): IntentFacts {
  return {
    intent: row.id,
    purpose: row.purpose as IntentFacts['purpose'],
    status: row.status,
    amountMinor: row.amount_minor,
    capturableMinor: row.capturable_minor,
    captureMaxMinor: row.capture_max_minor,
    canIncrement: row.can_increment === 1,
    receivedMinor: row.received_minor,
    captureBeforeMs: row.capture_before_ms,
    ...(row.made_at_ms === null ? {} : { madeAtMs: row.made_at_ms }),
  };
}

export function toDebt(row: Selectable<Tables['debts']>): Debt {
  return {
    visitId: row.visit_id,
    customerId: row.customer_id,
    amountMinor: row.amount_minor,
    waivedMinor: row.waived_minor,
    currency: row.currency,
    state: row.state as Debt['state'],
    reason: row.reason as Debt['reason'],
    code: row.code,
    declineCode: row.decline_code,
    adviceCode: row.advice_code,
    nextTryAtMs: row.next_try_at_ms,
    tries: row.tries,
    openedAtMs: row.opened_at_ms,
    closedAtMs: row.closed_at_ms,
    closedBy: row.closed_by,
    closingNote: row.closing_note,
  };
}

export function toReview(row: Selectable<Tables['reviews']>): Review {
  return {
    visitId: row.visit_id,
    caseId: row.case_id,
    cause: row.cause as Review['cause'],
    state: row.state as Review['state'],
    openedAtMs: row.opened_at_ms,
    decision: row.decision as Review['decision'],
    lines: row.lines === null ? null : (JSON.parse(row.lines) as BasketLine[]),
    totalMinor: row.total_minor,
    raisedMinor: row.raised_minor,
    decidedBy: row.decided_by,
    note: row.note,
    decidedAtMs: row.decided_at_ms,
  };
}

export async function toCustomer(db: Db, row: Selectable<Tables['customers']>): Promise<Customer> {
  const card = await db
    .selectFrom('cards')
    .selectAll()
    .where('customer_id', '=', row.id)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return {
    id: row.id,
    email: row.email,
    language: row.language as Language,
    stripeCustomer: row.stripe_customer,
    card:
      card?.gone_at_ms === null
        ? {
            stripeCustomer: card.stripe_customer,
            paymentMethod: card.payment_method,
            brand: card.brand,
            last4: card.last4,
            ...(card.fingerprint === null ? {} : { fingerprint: card.fingerprint }),
          }
        : null,
  };
}
