// Turns the ledger's rows into the domain's values.
import type { Basket, Card, Catalog, Language, Outcome, Phase, Visit } from '@tapcase/domain';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Customer, MoneyStep, MoneyStepKind, MoneyStepState } from './port.ts';
import type { Tables } from './tables.ts';

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
    basket: row.basket === null ? null : (JSON.parse(row.basket) as Basket),
    totalMinor: row.total_minor,
    chargedMinor: row.charged_minor,
    flagged: row.flagged === 1,
    createdAtMs: row.created_at_ms,
    enteredAtMs: row.entered_at_ms,
    dueAtMs: row.due_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}

export function toStep(row: Selectable<Tables['money_steps']>): MoneyStep {
  return {
    visitId: row.visit_id,
    kind: row.kind as MoneyStepKind,
    attempt: row.attempt,
    idempotencyKey: row.idempotency_key,
    amountMinor: row.amount_minor,
    state: row.state as MoneyStepState,
    sentAtMs: row.sent_at_ms,
    intent: row.intent,
    result: row.result === null ? null : (JSON.parse(row.result) as Record<string, unknown>),
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
    card: card
      ? {
          stripeCustomer: card.stripe_customer,
          paymentMethod: card.payment_method,
          brand: card.brand,
          last4: card.last4,
        }
      : null,
  };
}
