// The daily reconciliation: Stripe's amounts against the ledger and the baskets, as a report that a person can read.
import { type Emission, type NodeContext, says } from '@tapcase/define-node';
import { audit, auditReport, type Difference, Fault } from '@tapcase/domain';
import type { AuditReport, Ledger } from '@tapcase/ledger';
import type { Output } from './contract.ts';
import { boughtEarlier, unheard, unlisted } from './day-moves.ts';
import type { DayMoves, ListedIntent } from './payments.ts';

const DAY_MS = 86_400_000;
/** Early in the morning in Europe, in the night in America: what was bought late has come to rest. */
const AUDIT_FROM_MS = 4 * 3_600_000 + 10 * 60_000;
/** Stripe's clock may be behind ours. */
const SLACK_MS = 300_000;
/** A day of the largest fleet that one account serves. */
const VISITS_MAX = 100_000;

/** A day in UTC, `2026-11-21`, its first moment and the next day's. Throws `audit.bad-day`. */
export function auditDay(day: unknown): { readonly day: string; readonly fromMs: number; readonly untilMs: number } {
  const fromMs = typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  // The 30th of February would be taken for one of March.
  const isDay = Number.isFinite(fromMs) && new Date(fromMs).toISOString().startsWith(String(day));
  if (!isDay) throw new Fault('audit.bad-day', 'msg.audit.day: wants a day like 2026-11-21');
  return { day: String(day), fromMs, untilMs: fromMs + DAY_MS };
}

/** The day before and, once more, the day a month ago: its debts, refunds and reviews have come to rest. */
export function daysToAudit(nowMs: number): readonly string[] {
  return [1, 30].map((ago) => new Date(nowMs - ago * DAY_MS).toISOString().slice(0, 10));
}

/** From when on Stripe is asked for the payments of a day: until now, because a debt may be paid days later. */
export function listedSinceMs(day: string): number {
  return auditDay(day).fromMs - SLACK_MS;
}

/** Of today's days to audit those that nobody has audited today, the shop having been down or not: none before the morning. */
export function auditsDue(nowMs: number, made: readonly AuditReport[]): readonly string[] {
  const sinceMidnightMs = nowMs % DAY_MS;
  if (sinceMidnightMs < AUDIT_FROM_MS) return [];
  const isMade = (day: string) => made.some((report) => report.day === day && report.atMs >= nowMs - sinceMidnightMs);
  return daysToAudit(nowMs).filter((day) => !isMade(day));
}

interface DayFacts {
  readonly day: string;
  /** Everything at Stripe from the day's start until now. */
  readonly intents: readonly ListedIntent[];
  /** What was done on the day with what was bought before; undefined where nobody can be asked. */
  readonly moves: DayMoves | undefined;
}

export async function auditOf(
  ledger: Ledger,
  { now, fail }: Pick<NodeContext<Output>, 'now' | 'fail'>,
  { day, intents, moves }: DayFacts,
): Promise<Emission<Output>> {
  const { fromMs, untilMs } = auditDay(day);
  const bought = await ledger.auditedVisits({ fromMs, untilMs, limit: VISITS_MAX });
  const boughtIds = new Set(bought.map(({ id }) => id));
  const earlier =
    moves === undefined ? [] : await boughtEarlier(ledger, { fromMs, untilMs, intents, moves }, boughtIds);
  const visits = [...bought, ...earlier];
  const listed = await ofTheDay(ledger, { intents, untilMs }, new Set(visits.map(({ id }) => id)));
  // Of the day's own only where they differ: an ordinary day costs no question for each payment.
  const strange = audit(bought, listed).differences.flatMap(({ visitId }) => (boughtIds.has(visitId) ? visitId : []));
  const wanted = new Set([...strange, ...earlier.map(({ id }) => id)]);
  const payments = moves === undefined ? listed : [...listed, ...(await unlisted(ledger, { intents, moves }, wanted))];
  const disputes = await unheard(ledger, moves?.disputes ?? []);
  const result = audit(visits, payments, disputes);
  await doubtAll(ledger, result.differences, payments, now());
  for (const { visitId, note } of disputes) await ledger.flagVisit(visitId, 'disputed_at_bank', note, now());
  const report = auditReport(result, `Money of ${day} (UTC)`);
  const differences = result.differences.length;
  await ledger.saveAudit({ day, report, differences, atMs: now() });
  const add = { audit: { day, report, differences } };
  if (differences === 0) return { to: 'report', add, status: says('no difference') };
  fail(new Fault('money.differs', `${differences} differences on ${day}`, { day, differences }));
  return { to: 'look', add, status: says('__n__ differences', { n: differences }), look: 'needs-person' };
}

/** What was done at Stripe's dashboard, and no event has told: the payments are looked at, and learnt. */
async function doubtAll(
  ledger: Ledger,
  differences: readonly Difference[],
  payments: readonly ListedIntent[],
  atMs: number,
): Promise<void> {
  const doubtful = new Set(differences.flatMap(({ intents }) => intents));
  for (const { intent, visitId, status, receivedMinor, refundedMinor } of payments) {
    if (doubtful.has(intent)) await ledger.doubtMoney(visitId, { intent, status, receivedMinor, refundedMinor }, atMs);
  }
}

/** Payments of the day's visits, and those of the day whose visit the ledger does not have at all. */
async function ofTheDay(
  ledger: Ledger,
  { intents, untilMs }: { readonly intents: readonly ListedIntent[]; readonly untilMs: number },
  known: ReadonlySet<string>,
): Promise<readonly ListedIntent[]> {
  const chosen: ListedIntent[] = [];
  for (const intent of intents) {
    const isOurs = known.has(intent.visitId);
    if (isOurs || (intent.createdAtMs < untilMs && (await ledger.visit(intent.visitId)) === undefined)) {
      chosen.push(intent);
    }
  }
  return chosen;
}
