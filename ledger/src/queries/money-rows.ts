// Reads and writes the rows of a visit's money: steps, intents, debt. Called inside the visit's transaction.
import {
  dueMinor,
  type IntentFacts,
  isPending,
  type MoneyFacts,
  type MoneyStepKind,
  receivedMinor,
  type Visit,
} from '@tapcase/domain';
import type { Updateable } from 'kysely';
import type { MoneyBook, MoneyStep, StepParams, StepRef } from '../port.ts';
import type { Tables } from '../tables.ts';
import { type Db, toDebt, toIntent, toReview, toStep, toVisit } from './rows.ts';

/** A page is looked at a little after it has closed by itself. */
export const PAGE_GRACE_MS = 60_000;

/** The visit, locked until the transaction ends: whoever wants its money waits here. */
export async function lockVisit(tx: Db, id: string): Promise<Visit | undefined> {
  const row = await tx.selectFrom('visits').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row && toVisit(row);
}

/** The card that is in use now, whatever the visit began with; undefined where Stripe has it no more. */
export async function newestCard(tx: Db, customerId: string) {
  const card = await tx
    .selectFrom('cards')
    .select(['stripe_customer', 'payment_method', 'gone_at_ms'])
    .where('customer_id', '=', customerId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  // Not an older one: that was replaced by its owner.
  return card?.gone_at_ms === null ? card : undefined;
}

export async function readBook(db: Db, visitId: string): Promise<MoneyBook> {
  const steps = await db
    .selectFrom('money_steps')
    .selectAll()
    .where('visit_id', '=', visitId)
    .orderBy('ordinal')
    .execute();
  const intents = await db.selectFrom('intents').selectAll().where('visit_id', '=', visitId).execute();
  const debt = await db.selectFrom('debts').selectAll().where('visit_id', '=', visitId).executeTakeFirst();
  const review = await db.selectFrom('reviews').selectAll().where('visit_id', '=', visitId).executeTakeFirst();
  return {
    steps: steps.map(toStep),
    intents: intents.map(toIntent),
    doubted: intents.filter(({ doubted }) => doubted === 1).map(({ id }) => id),
    debt: debt === undefined ? null : toDebt(debt),
    review: review === undefined ? null : toReview(review),
  };
}

/** The book with what was just written to it: what is new stands in the place of what was known. */
export function withNews(book: MoneyBook, step: MoneyStep | undefined, intent: IntentFacts | undefined): MoneyBook {
  const isStep = ({ kind, attempt }: MoneyStep) => kind === step?.kind && attempt === step.attempt;
  const isKnown = book.intents.some((each) => each.intent === intent?.intent);
  const intents = book.intents.map((each) => (each.intent === intent?.intent ? intent : each));
  return {
    ...book,
    steps: book.steps.map((each) => (step !== undefined && isStep(each) ? step : each)),
    intents: isKnown || intent === undefined ? intents : [...intents, intent],
  };
}

export function factsOf(visit: Visit, book: MoneyBook): MoneyFacts {
  const { opened, basket } = visit;
  const { intents, steps } = book;
  const totalMinor = dueMinor(visit, book.review);
  // Somebody was in, and nothing was ever weighed.
  const review = visit.review || (opened && basket === null);
  return { currency: visit.catalog.currency, totalMinor, opened, review, intents, steps };
}

export interface NewStep {
  readonly visitId: string;
  readonly kind: MoneyStepKind;
  readonly attempt: number;
  readonly amountMinor: number;
  readonly intent: string | null;
  readonly params: StepParams;
}

export function keyOf({ visitId, kind, attempt }: StepRef): string {
  return `${visitId}:${kind}:${attempt}`;
}

/** `leaseMs` 0 plans it; more also marks it as sent. */
export async function insertStep(
  tx: Db,
  step: NewStep,
  ordinal: number,
  at: { atMs: number; leaseMs: number },
): Promise<MoneyStep> {
  const { atMs, leaseMs } = at;
  const isSent = leaseMs > 0;
  const values = {
    visit_id: step.visitId,
    kind: step.kind,
    attempt: step.attempt,
    idempotency_key: keyOf(step),
    amount_minor: step.amountMinor,
    state: isSent ? 'sent' : 'planned',
    sent_at_ms: isSent ? atMs : null,
    last_sent_at_ms: isSent ? atMs : null,
    leased_until_ms: isSent ? atMs + leaseMs : 0,
    tries: isSent ? 1 : 0,
    intent: step.intent,
    result: null,
    ordinal,
    planned_at_ms: atMs,
    answered_at_ms: null,
    code: null,
    decline_code: null,
    advice_code: null,
    refund: null,
    params: Object.keys(step.params).length === 0 ? null : JSON.stringify(step.params),
  };
  await tx.insertInto('money_steps').values(values).execute();
  return toStep(values);
}

/** As it then is; undefined where there is no such step. */
export async function updateStep(
  tx: Db,
  { visitId, kind, attempt }: StepRef,
  set: Updateable<Tables['money_steps']>,
): Promise<MoneyStep | undefined> {
  const row = await tx
    .updateTable('money_steps')
    .set(set)
    .where('visit_id', '=', visitId)
    .where('kind', '=', kind)
    .where('attempt', '=', attempt)
    .returningAll()
    .executeTakeFirst();
  return row && toStep(row);
}

/** Statuses that an intent never leaves: news that says otherwise is older. */
const FINAL = ['succeeded', 'canceled'];

/** As it then is; undefined where what was told is older than what is known. */
export async function saveIntent(
  tx: Db,
  visitId: string,
  intent: IntentFacts,
  atMs: number,
): Promise<IntentFacts | undefined> {
  const facts = {
    status: intent.status,
    amount_minor: intent.amountMinor,
    capturable_minor: intent.capturableMinor,
    received_minor: intent.receivedMinor,
    // Not always told: a refusal carries the payment without its charge. What was told stays.
    ...(intent.captureMaxMinor === null ? {} : { capture_max_minor: intent.captureMaxMinor }),
    ...(intent.canIncrement === null ? {} : { can_increment: intent.canIncrement ? 1 : 0 }),
    ...(intent.captureBeforeMs === null ? {} : { capture_before_ms: intent.captureBeforeMs }),
    ...(intent.madeAtMs === undefined ? {} : { made_at_ms: intent.madeAtMs }),
    seen_at_ms: atMs,
  };
  const row = await tx
    .insertInto('intents')
    .values({
      id: intent.intent,
      visit_id: visitId,
      purpose: intent.purpose,
      capture_max_minor: intent.captureMaxMinor ?? intent.capturableMinor,
      can_increment: intent.canIncrement === true ? 1 : 0,
      capture_before_ms: intent.captureBeforeMs,
      made_at_ms: intent.madeAtMs ?? null,
      doubted: 0,
      ...facts,
    })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet(facts)
        .where((eb) =>
          FINAL.includes(intent.status)
            ? eb('intents.received_minor', '<=', intent.receivedMinor)
            : eb('intents.status', 'not in', FINAL),
        ),
    )
    .returningAll()
    .executeTakeFirst();
  return row?.visit_id === visitId ? toIntent(row) : undefined;
}

/** What the visit has received, and what of it went back, from its rows. The visit as it then is. */
export async function sumMoney(tx: Db, visitId: string, book: MoneyBook): Promise<Visit> {
  const refunded = book.steps.filter(({ kind, state }) => kind === 'refund' && state === 'done');
  const row = await tx
    .updateTable('visits')
    .set({
      charged_minor: receivedMinor(book),
      refunded_minor: refunded.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    })
    .where('id', '=', visitId)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toVisit(row);
}

/** What else waits for Stripe is looked at now, and then says itself when it is looked at again. */
export function dueBeside(others: readonly MoneyStep[], dueAtMs: number | null, atMs: number): number | null {
  return others.some(isPending) ? atMs : dueAtMs;
}

/** When the sweep looks at the visit again; null: never. */
export async function setDue(tx: Db, visitId: string, dueAtMs: number | null, atMs: number): Promise<void> {
  await tx.updateTable('visits').set({ due_at_ms: dueAtMs, due_set_at_ms: atMs }).where('id', '=', visitId).execute();
}
