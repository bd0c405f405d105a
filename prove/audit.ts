// The verdict: what Stripe received, against what was taken or what a person decided, what the ledger says and what the
// customers were told.
import { isPending, type Review, type Visit } from '@tapcase/domain';
import type { Books } from '@tapcase/sim/stripe/books';
import type { Ledger } from '../ledger/src/port.ts';
import type { Hands } from './hands.ts';
import { decisionOf } from './staff.ts';
import type { Story } from './stories.ts';

export interface Told {
  readonly story: Story;
  /** The case said what was taken, and was heard. */
  readonly reported: boolean;
}

export interface Verdict {
  readonly doubleCharged: number;
  readonly overCharged: number;
  readonly lost: number;
  readonly stuckHolds: number;
  readonly stuckVisits: number;
  readonly receiptsMissing: number;
  /** Disputes that nobody in the shop was told of. What else hands did at Stripe is in the money above. */
  readonly unlearnt: number;
  /** Visits of a ledger that was replaced by a backup: only Stripe knows of them. */
  readonly forgotten: number;
  /** Visits for which Stripe has received money. */
  readonly charged: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** How the reviews were decided. */
  readonly reviews: Readonly<Record<string, number>>;
  /** What to read when a number above is not 0. */
  readonly findings: readonly string[];
}

const VISITS_MAX = 1_000_000;

/** A visit's money as it is at Stripe and in the ledger. */
interface Money {
  readonly receivedMinor: number;
  /** Given back on somebody's order. */
  readonly givenMinor: number;
  /** A debt, whether it is open or was let go. */
  readonly unpaidMinor: number;
  readonly review: Review | null;
  /** Of what was given back: at Stripe's dashboard. */
  readonly byHandMinor: number;
}

export interface Seen {
  /** In the order in which they were let in. */
  readonly told: ReadonlyMap<string, Told>;
  readonly receipts: ReadonlyMap<string, ReadonlySet<string>>;
  /** What people did at Stripe. */
  readonly hands: Hands['done'];
  /** So many had been let in when a backup was put back; 0: none was. */
  readonly restoredAt: number;
  /** Whether its receipt could only have been told a day after its end. */
  readonly isTooOld: (visit: Visit) => boolean;
}

export async function auditAll(
  ledger: Ledger,
  books: Books,
  { told, receipts, hands, restoredAt, isTooOld }: Seen,
): Promise<Verdict> {
  const counts = {
    ...{ doubleCharged: 0, overCharged: 0, lost: 0, stuckHolds: 0, stuckVisits: 0, receiptsMissing: 0 },
    unlearnt: 0,
  };
  let charged = 0;
  let forgotten = 0;
  const old = new Set([...told.keys()].slice(0, restoredAt));
  const outcomes: Record<string, number> = {};
  const reviews: Record<string, number> = {};
  const findings: string[] = [];
  const byVisit = Map.groupBy(books.paymentIntents.values(), ({ metadata }) => metadata.visit ?? '');
  // What the double shows as given back of a hold that was captured in part carries no visit.
  const visitOf = (intent: string) => books.paymentIntents.get(intent)?.metadata.visit ?? '';
  const refundsByVisit = Map.groupBy(
    books.refunds.values(),
    ({ metadata }) => metadata?.visit ?? visitOf(metadata?.hand ?? ''),
  );
  for (const visit of await ledger.latestVisits({ flagged: false, limit: VISITS_MAX })) {
    count(outcomes, visit.outcome ?? visit.phase);
    const wrong = await judge(visit);
    for (const kind of wrong) counts[kind] += 1;
    if (wrong.length > 0) findings.push(await describe(visit, wrong));
  }
  // A hold of a visit that the ledger does not have.
  for (const [visitId, intents] of byVisit) {
    if ((await ledger.visit(visitId)) !== undefined) continue;
    counts.stuckHolds += intents.filter(({ status }) => status === 'requires_capture').length;
    const { story } = told.get(visitId) ?? {};
    if (story === undefined) continue;
    forgotten += 1;
    const receivedMinor = intents.reduce((sum, { amount_received }) => sum + amount_received, 0);
    if (receivedMinor > 0) charged += 1;
    // Staff may have said that it was more, and nobody knows any longer.
    const isCertain = story.kind !== 'doubtful' && story.kind !== 'half-seen';
    if (!isCertain || receivedMinor <= story.totalMinor) continue;
    counts.overCharged += 1;
    findings.push(`${visitId}: not in the ledger, ${receivedMinor} received of ${story.totalMinor}`);
  }
  return { ...counts, charged, forgotten, outcomes, reviews, findings };

  async function judge(visit: Visit): Promise<(keyof typeof counts)[]> {
    const wrong: (keyof typeof counts)[] = [];
    const intents = byVisit.get(visit.id) ?? [];
    const { debt, review, steps } = await ledger.money(visit.id);
    const money: Money = {
      receivedMinor: intents.reduce((sum, { amount_received }) => sum + amount_received, 0),
      givenMinor: (refundsByVisit.get(visit.id) ?? []).reduce((sum, { amount }) => sum + amount, 0),
      unpaidMinor: debt === null || debt.state === 'paid' ? 0 : debt.amountMinor,
      review,
      byHandMinor: hands.get(visit.id)?.givenMinor ?? 0,
    };
    const { receivedMinor, givenMinor } = money;
    if (receivedMinor > 0) charged += 1;
    const { story, reported } = told.get(visit.id) ?? {};
    const costsMinor = visit.totalMinor + (review?.raisedMinor ?? 0);
    // A ledger that was put back may have forgotten what was taken, and learnt what was received for it. What hands have captured at the
    // dashboard may come on top of what we charge at the same moment; a person gives it back, or it is overcharged.
    const paidMinor = old.has(visit.id) ? Math.max(costsMinor, story?.totalMinor ?? 0) : costsMinor;
    const mostMinor = paidMinor + (hands.get(visit.id)?.tookMinor ?? 0);
    if (receivedMinor > mostMinor || receivedMinor !== visit.chargedMinor) wrong.push('doubleCharged');
    const fairMinor = fairOf(review, story?.totalMinor ?? 0);
    if (receivedMinor - givenMinor > fairMinor) wrong.push('overCharged');
    if (isLost(money, visit, fairMinor, reported === true)) wrong.push('lost');
    if (intents.some(({ status }) => status === 'requires_capture')) wrong.push('stuckHolds');
    if (visit.phase !== 'done' || review?.state === 'open' || steps.some(isPending)) wrong.push('stuckVisits');
    if (review?.state === 'decided') count(reviews, decisionOf(review, visit, givenMinor));
    if (isReceiptMissing(visit, review)) wrong.push('receiptsMissing');
    const isDisputed = hands.get(visit.id)?.hand === 'dispute';
    if (isDisputed && !(await isToldOf(visit.id))) wrong.push('unlearnt');
    return wrong;
  }

  /** One when the visit ends, and another one when a person has decided; said late, the first says the same. */
  function isReceiptMissing(visit: Visit, review: Review | null): boolean {
    const { id, phase, outcome } = visit;
    if (phase !== 'done' || !hasReceipt(outcome)) return false;
    const shown = receipts.get(id)?.size ?? 0;
    if (shown === 0 && isTooOld(visit)) return false;
    // A life that was forgotten has shown its own.
    if (old.has(id)) return shown < 1;
    return shown < 1 || shown > (review?.state === 'decided' ? 2 : 1);
  }

  async function isToldOf(visitId: string): Promise<boolean> {
    return (await ledger.visitEvents(visitId)).some(({ event }) => event === 'disputed_at_bank');
  }

  async function describe(visit: Visit, wrong: readonly string[]): Promise<string> {
    const { story, reported } = told.get(visit.id) ?? {};
    const { steps, debt, review } = await ledger.money(visit.id);
    const events = await ledger.visitEvents(visit.id);
    const intents = byVisit.get(visit.id) ?? [];
    return [
      `${visit.id}: ${wrong.join(', ')}`,
      `  ${visit.phase} ${visit.outcome ?? ''} total ${visit.totalMinor} charged ${visit.chargedMinor} hold ${visit.holdMinor}`,
      `  story ${story === undefined ? 'unknown' : `${story.kind} ${JSON.stringify(story.taken)} ${story.totalMinor} ${story.card}`}, reported ${reported}`,
      `  hand ${JSON.stringify(hands.get(visit.id) ?? null)}`,
      `  receipts ${JSON.stringify([...(receipts.get(visit.id) ?? [])])}`,
      `  debt ${JSON.stringify(debt)}`,
      `  review ${JSON.stringify(review)}`,
      ...steps.map(
        ({ kind, attempt, amountMinor, state, code, tries }) =>
          `  step ${kind} ${attempt} ${amountMinor} ${state} ${code ?? ''} tries ${tries}`,
      ),
      ...intents.map(
        ({ id, status, amount, amount_received, metadata }) =>
          `  ${id} ${status} ${amount} received ${amount_received} ${metadata.step}`,
      ),
      ...(refundsByVisit.get(visit.id) ?? []).map(({ id, amount, status }) => `  ${id} ${status} ${amount}`),
      ...events.map(({ event, phase, note }) => `  event ${event} -> ${phase} ${JSON.stringify(note ?? '')}`),
    ].join('\n');
  }
}

/** Who took nothing from the case, or was not let in, is told nothing. */
export function hasReceipt(outcome: Visit['outcome']): boolean {
  return outcome !== 'unused' && outcome !== 'refused';
}

function count(counts: Record<string, number>, word: string): void {
  counts[word] = (counts[word] ?? 0) + 1;
}

/** The most that may stay with us: what was taken, or what a person says was. */
function fairOf(review: Review | null, takenMinor: number): number {
  if (review?.state !== 'decided') return takenMinor;
  // Also staff who are wrong are obeyed.
  return review.decision === 'correct' ? (review.totalMinor ?? 0) : takenMinor;
}

/** Whether less stays with us, paid or owed, than should; or more went back than the ledger knows. */
function isLost(
  { receivedMinor, givenMinor, unpaidMinor, review, byHandMinor }: Money,
  visit: Visit,
  fairMinor: number,
  reported: boolean,
): boolean {
  if (givenMinor !== visit.refundedMinor || givenMinor > receivedMinor) return true;
  const keptMinor = receivedMinor - givenMinor + byHandMinor + unpaidMinor;
  switch (review?.decision ?? null) {
    case 'correct':
      return keptMinor < fairMinor;
    case 'confirm':
      return keptMinor < visit.totalMinor;
    case 'waive':
      return givenMinor !== byHandMinor && givenMinor !== receivedMinor;
    case null:
      return reported && keptMinor < fairMinor;
  }
}
