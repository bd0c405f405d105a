// What people do at Stripe's own dashboard: a payment that is not as the ledger knows it is doubted, looked at, and learnt; what was
// given back there counts like what the desk gives back, and a person is told.
import {
  Fault,
  type IntentFacts,
  isPending,
  type MarkedPayment,
  nextAttempt,
  type Phase,
  receivedMinor,
  type Visit,
} from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { MoneyBook, StripeHint, StripeRefund } from '../port.ts';
import type { Tables } from '../tables.ts';
import { transact } from './at-hand.ts';
import { flag } from './flags.ts';
import { insertStep, keyOf, lockVisit, readBook, saveIntent, setDue, sumMoney, updateStep } from './money-rows.ts';
import { insertAdjustment } from './refunds.ts';
import type { Db } from './rows.ts';

/** Who gave back what no order of the desk's has asked for. */
const AT_STRIPE = 'Stripe’s dashboard';

export function doubts(db: Kysely<Tables>) {
  return {
    doubtMoney: (visitId: string, hint: StripeHint, atMs: number): Promise<boolean> =>
      transact(db, async (tx) => {
        const visit = await lockVisit(tx, visitId);
        return visit !== undefined && doubt(tx, visit, await readBook(tx, visitId), hint, atMs);
      }),
    seenAtStripe: (
      visitId: string,
      seen: { intent: string; facts: IntentFacts | null; refunds: readonly StripeRefund[] },
      atMs: number,
    ): Promise<Visit> => transact(db, (tx) => learn(tx, visitId, seen, atMs)),
    repairFromStripe: (
      made: Pick<MarkedPayment, 'visitId' | 'kind' | 'attempt'>,
      seen: { facts: IntentFacts; refunds: readonly StripeRefund[] },
      atMs: number,
    ): Promise<Visit> => transact(db, (tx) => repair(tx, made, seen, atMs)),
  };
}

/** False where the hint says nothing new: most events tell of what the ledger has done itself. */
export async function doubt(tx: Db, visit: Visit, book: MoneyBook, hint: StripeHint, atMs: number): Promise<boolean> {
  if (!isNews(book, hint)) return false;
  const marked = await tx.updateTable('intents').set({ doubted: 1 }).where('id', '=', hint.intent).executeTakeFirst();
  if (marked.numUpdatedRows === 0n) return false;
  // Before that the sweep would take it for a visit whose case is silent; it is looked at when it is settled.
  if (SETTLES.has(visit.phase)) await setDue(tx, visit.id, atMs, atMs);
  return true;
}

const SETTLES: ReadonlySet<Phase> = new Set<Phase>(['reconciled', 'settling', 'done']);

function isNews({ intents, steps }: MoneyBook, hint: StripeHint): boolean {
  const known = intents.find(({ intent }) => intent === hint.intent);
  // An answer is on its way, and says more.
  if (known === undefined || steps.some((step) => isPending(step) && step.kind !== 'pay')) return false;
  const { receivedMinor: received, status, refund, refundedMinor } = hint;
  // Events come late and in any order: what is less, or not final, is old.
  if (received !== undefined && received > known.receivedMinor) return true;
  if (status !== undefined && FINAL.has(status) && !FINAL.has(known.status)) return true;
  const own = steps.filter(({ kind, intent }) => kind === 'refund' && intent === hint.intent);
  if (refund !== undefined) return !own.some((step) => step.refund === refund.id || keyOf(step) === refund.key);
  const given = own.filter(({ state }) => state === 'done').reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return refundedMinor !== undefined && refundedMinor > given;
}

const FINAL: ReadonlySet<string> = new Set(['succeeded', 'canceled']);

async function learn(
  tx: Db,
  visitId: string,
  { intent, facts, refunds }: { intent: string; facts: IntentFacts | null; refunds: readonly StripeRefund[] },
  atMs: number,
): Promise<Visit> {
  const visit = await lockVisit(tx, visitId);
  if (visit === undefined) throw new Fault('visit.unknown', 'there is no such visit', { id: visitId });
  const before = await readBook(tx, visitId);
  const known = before.intents.find((each) => each.intent === intent);
  await tx.updateTable('intents').set({ doubted: 0 }).where('id', '=', intent).execute();
  if (facts === null || known === undefined) return visit;
  await saveIntent(tx, visitId, { ...facts, purpose: known.purpose }, atMs);
  let book = await readBook(tx, visitId);
  let givenMinor = 0;
  const release = releaseIn(facts, refunds);
  for (const refund of refunds) {
    const own = book.steps.find(
      (step) => step.refund === refund.id || (step.kind === 'refund' && keyOf(step) === refund.key),
    );
    if (own !== undefined || !isGiven(refund) || refund === release || facts.status === 'canceled') continue;
    await writeRefund(tx, visit, book, intent, refund, atMs);
    givenMinor += refund.amountMinor;
    book = await readBook(tx, visitId);
  }
  await sumMoney(tx, visitId, book);
  const after = book.intents.find((each) => each.intent === intent);
  const tookMinor = receivedMinor(book) - receivedMinor(before);
  if (givenMinor > 0 || tookMinor !== 0 || after?.status !== known.status) {
    const note = { intent, was: known.status, is: after?.status ?? null, givenMinor, tookMinor };
    await flag(tx, visit, 'moved_at_stripe', note, atMs);
  }
  await setDue(tx, visitId, atMs, atMs);
  return (await lockVisit(tx, visitId)) ?? visit;
}

/**
 * Some accounts show what a capture leaves of a hold as a refund of just that, without a reason. Somebody's own refund of exactly as
 * much, with no reason given, is taken for it: the nightly audit still names the difference.
 */
function releaseIn(
  { amountMinor, receivedMinor: received }: IntentFacts,
  refunds: readonly StripeRefund[],
): StripeRefund | undefined {
  const left = amountMinor - received;
  return refunds.find((refund) => left > 0 && refund.amountMinor === left && refund.reason === null && !refund.key);
}

async function repair(
  tx: Db,
  made: Pick<MarkedPayment, 'visitId' | 'kind' | 'attempt'>,
  { facts, refunds }: { facts: IntentFacts; refunds: readonly StripeRefund[] },
  atMs: number,
): Promise<Visit> {
  const { visitId, kind, attempt } = made;
  if ((await lockVisit(tx, visitId)) === undefined)
    throw new Fault('visit.unknown', 'there is no such visit', { id: visitId });
  const { steps } = await readBook(tx, visitId);
  const { intent, amountMinor, status } = facts;
  const isKnown = steps.some((step) => step.kind === kind && step.attempt === attempt);
  if (!isKnown) {
    const step = { visitId, kind, attempt, amountMinor, intent, params: {} };
    await insertStep(tx, step, steps.length + 1, { atMs, leaseMs: 0 });
  }
  const isDone = status === 'succeeded' || status === 'requires_capture';
  await updateStep(tx, made, {
    state: isDone ? 'done' : 'failed',
    answered_at_ms: atMs,
    intent,
    code: isDone ? null : status,
  });
  // Empty first, so that what is learnt of it is news: the visit is flagged with what was received and given back.
  const empty = { ...facts, status: 'unknown', capturableMinor: 0, receivedMinor: 0 };
  await saveIntent(tx, visitId, { ...empty, purpose: kind === 'charge' || kind === 'pay' ? kind : 'hold' }, atMs);
  return learn(tx, visitId, { intent, facts, refunds }, atMs);
}

function isGiven({ status }: StripeRefund): boolean {
  return status !== 'failed' && status !== 'canceled';
}

/** As if the desk had asked for it: all that counts what was given back counts it. */
async function writeRefund(
  tx: Db,
  visit: Visit,
  { steps }: MoneyBook,
  intent: string,
  { id, amountMinor, reason }: StripeRefund,
  atMs: number,
): Promise<void> {
  const attempt = nextAttempt(steps, 'refund');
  const step = { visitId: visit.id, kind: 'refund', attempt, amountMinor, intent } as const;
  const params = { intent, adjustment: id };
  await insertStep(tx, { ...step, params }, steps.length + 1, { atMs, leaseMs: 0 });
  await updateStep(tx, step, { state: 'done', answered_at_ms: atMs, refund: id });
  const order = { id, visitId: visit.id, reason: reason ?? 'given back at Stripe', by: AT_STRIPE, atMs };
  await insertAdjustment(tx, order, 'refund', amountMinor);
}
