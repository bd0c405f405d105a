// The ledger's reviews: which visits a person must judge, and what they decided. A decision and what it does to the
// visit's money are one transaction.
import {
  type BasketLine,
  correctedBasket,
  Fault,
  isUnclear,
  outstandingMinor,
  planCorrection,
  planWaiver,
  type Review,
  type ReviewedMoney,
  type ReviewPlan,
  receivedMinor,
  type Visit,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { MoneyBook, ReviewDecided, ReviewedVisit, ReviewOrder, ReviewPage } from '../port.ts';
import type { Tables } from '../tables.ts';
import { transact } from './at-hand.ts';
import { needsPerson } from './flags.ts';
import { factsOf, lockVisit, readBook } from './money-rows.ts';
import { putEffect } from './outbox.ts';
import { givenMinor } from './refunds.ts';
import { applyPlan } from './review-money.ts';
import { type Db, toReview, toVisit } from './rows.ts';
import { writeAct } from './staff-acts.ts';
import { find, writeEvent } from './visits.ts';

export function reviews(db: Kysely<Tables>) {
  return {
    openReviews: (page: ReviewPage): Promise<readonly ReviewedVisit[]> => pageOf(db, 'open', page),
    decidedReviews: (page: ReviewPage): Promise<readonly ReviewedVisit[]> => pageOf(db, 'decided', page),
    async review(visitId: string): Promise<ReviewedVisit | undefined> {
      const review = await readReview(db, visitId);
      const visit = review && (await find(db, visitId));
      return visit && { review, visit };
    },
    async reviewsOf(customerId: string, limit: number): Promise<readonly Review[]> {
      const rows = await db
        .selectFrom('reviews')
        .innerJoin('visits', 'visits.id', 'reviews.visit_id')
        .selectAll('reviews')
        .where('visits.customer_id', '=', customerId)
        .orderBy('visits.created_at_ms', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toReview);
    },
    decideReview: (visitId: string, order: ReviewOrder): Promise<ReviewDecided | Fault> =>
      transact(db, (tx) => decide(tx, visitId, order)),
  };
}

async function readReview(db: Db, visitId: string): Promise<Review | undefined> {
  const row = await db.selectFrom('reviews').selectAll().where('visit_id', '=', visitId).executeTakeFirst();
  return row && toReview(row);
}

async function pageOf(db: Db, state: Review['state'], { limit, after }: ReviewPage): Promise<ReviewedVisit[]> {
  const time = state === 'open' ? 'opened_at_ms' : 'decided_at_ms';
  const all = db.selectFrom('reviews').selectAll().where('state', '=', state);
  const rest =
    after === undefined
      ? all
      : all.where((eb) =>
          eb.or([eb(time, '>', after.atMs), eb(time, '=', after.atMs).and('visit_id', '>', after.visitId)]),
        );
  const rows = await rest.orderBy(time).orderBy('visit_id').limit(limit).execute();
  if (rows.length === 0) return [];
  const ids = rows.map(({ visit_id }) => visit_id);
  const visits = await db.selectFrom('visits').selectAll().where('id', 'in', ids).execute();
  const byId = new Map(visits.map((row) => [row.id, toVisit(row)]));
  return rows.map((row) => ({ review: toReview(row), visit: byId.get(row.visit_id)! }));
}

async function decide(tx: Db, visitId: string, order: ReviewOrder): Promise<ReviewDecided | Fault> {
  const visit = await lockVisit(tx, visitId);
  const review = visit && (await readReview(tx, visitId));
  if (review === undefined || visit === undefined) {
    return new Fault('review.unknown', 'nobody was asked about such a visit', { id: visitId });
  }
  const taken = takenBy(order, visit);
  if (taken instanceof Fault) return taken;
  if (review.state === 'decided') {
    if (await isSame(tx, visitId, order, taken.lines)) return { kind: 'repeated', review, visit };
    return new Fault('review.decided', `${review.decidedBy} has decided this visit already`, { id: visitId });
  }
  if (visit.phase !== 'done') return new Fault('review.not-ended', 'the visit is still running', { id: visitId });
  const book = await readBook(tx, visitId);
  const plan = planOf(order, visit, book, taken.totalMinor);
  if (plan instanceof Fault) return plan;
  const { by, note, atMs } = order;
  const refused = await applyPlan(tx, { id: `review-${visitId}`, visitId, reason: note, by, atMs }, visit, book, plan);
  if (refused !== undefined) return refused;
  await writeDecision(tx, visit, order, taken, plan);
  if (order.act !== undefined) await writeAct(tx, order.act);
  const decided = { review: (await readReview(tx, visitId))!, visit: (await lockVisit(tx, visitId))! };
  return { kind: 'decided', ...decided };
}

interface Taken {
  /** null: nobody can tell. */
  readonly lines: readonly BasketLine[] | null;
  readonly totalMinor: number | null;
}

function takenBy(order: ReviewOrder, { basket, totalMinor, catalog }: Visit): Taken | Fault {
  switch (order.decision) {
    case 'confirm':
      return { lines: basket?.lines ?? [], totalMinor };
    case 'correct':
      return correctedBasket(order.lines, catalog, basket?.adjustments);
    case 'waive':
      return { lines: null, totalMinor: null };
  }
}

async function isSame(tx: Db, visitId: string, order: ReviewOrder, lines: Taken['lines']): Promise<boolean> {
  const row = await tx.selectFrom('reviews').selectAll().where('visit_id', '=', visitId).executeTakeFirstOrThrow();
  return row.decision === order.decision && row.lines === toJson(lines) && (row.gives_back === 1) === givesBack(order);
}

const NO_CHANGE: ReviewPlan = { raiseMinor: 0, owedMinor: 0, forgiveMinor: 0, refundMinor: 0 };

function planOf(order: ReviewOrder, visit: Visit, book: MoneyBook, costsMinor: number | null): ReviewPlan | Fault {
  if (order.decision === 'confirm') return NO_CHANGE;
  const money = moneyOf(visit, book);
  const plan = costsMinor === null ? planWaiver(money, givesBack(order)) : planCorrection(money, costsMinor);
  // Stripe may have received what the ledger does not know of: a second charge for it could be one too many.
  if (plan.raiseMinor > 0 && isUnclear(book.steps)) {
    return new Fault('review.money-unclear', 'a step of this visit was never answered; look at Stripe first', {});
  }
  return plan;
}

function moneyOf(visit: Visit, book: MoneyBook): ReviewedMoney {
  const { debt } = book;
  return {
    basketMinor: visit.totalMinor,
    receivedMinor: receivedMinor(book),
    givenMinor: givenMinor(book),
    waivedMinor: debt?.waivedMinor ?? 0,
    owedMinor: debt?.state === 'open' ? outstandingMinor(factsOf(visit, book), debt) : 0,
  };
}

async function writeDecision(tx: Db, visit: Visit, order: ReviewOrder, taken: Taken, plan: ReviewPlan): Promise<void> {
  const { decision, by, note, atMs } = order;
  await tx
    .updateTable('reviews')
    .set({
      state: 'decided',
      decision,
      gives_back: givesBack(order) ? 1 : 0,
      lines: toJson(taken.lines),
      total_minor: taken.totalMinor,
      raised_minor: plan.raiseMinor,
      decided_by: by,
      note,
      decided_at_ms: atMs,
    })
    .where('visit_id', '=', visit.id)
    .execute();
  const flagged = (await needsPerson(tx, visit)) ? 1 : 0;
  await tx.updateTable('visits').set({ flagged }).where('id', '=', visit.id).execute();
  await writeEvent(tx, visit.id, 'review_decided', 'done', atMs, { decision, by, note, ...plan });
  await putEffect(tx, { kind: 'push', visitId: visit.id }, atMs);
}

function givesBack(order: ReviewOrder): boolean {
  return order.decision === 'waive' && order.givesBack;
}

function toJson(lines: Taken['lines']): string | null {
  return lines === null ? null : JSON.stringify(lines);
}
