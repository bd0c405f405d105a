// The ledger's side of the daily reconciliation: visits as the audit needs them, and the reports that were made.
import type { AuditedVisit, Catalog } from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { AuditReport } from '../port.ts';
import type { Tables } from '../tables.ts';

/** Ids in one question. */
const CHUNK = 500;

export function audits(db: Kysely<Tables>) {
  return {
    async auditedVisits(
      which: { fromMs: number; untilMs: number; limit: number } | { ids: readonly string[] },
    ): Promise<readonly AuditedVisit[]> {
      if ('ids' in which) {
        const found: AuditedVisit[] = [];
        for (let at = 0; at < which.ids.length; at += CHUNK) {
          const rows = await audited(db)
            .where('visits.id', 'in', which.ids.slice(at, at + CHUNK))
            .execute();
          found.push(...rows.map(toAudited));
        }
        return found;
      }
      const rows = await audited(db)
        .where('visits.created_at_ms', '>=', which.fromMs)
        .where('visits.created_at_ms', '<', which.untilMs)
        .orderBy('visits.created_at_ms')
        .limit(which.limit)
        .execute();
      return rows.map(toAudited);
    },
    async saveAudit({ day, report, differences, atMs }: AuditReport): Promise<void> {
      const row = { report, differences, at_ms: atMs };
      await db
        .insertInto('audits')
        .values({ day, ...row })
        .onConflict((conflict) => conflict.column('day').doUpdateSet(row))
        .execute();
    },
    async audits(limit: number): Promise<readonly AuditReport[]> {
      const rows = await db
        .selectFrom('audits')
        .selectAll()
        .orderBy('at_ms', 'desc')
        .orderBy('day', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ day, report, differences, at_ms }) => ({ day, report, differences, atMs: at_ms }));
    },
  };
}

function audited(db: Kysely<Tables>) {
  return db
    .selectFrom('visits')
    .leftJoin('debts', 'debts.visit_id', 'visits.id')
    .leftJoin('reviews', 'reviews.visit_id', 'visits.id')
    .select([
      'visits.id',
      'visits.catalog',
      'visits.phase',
      'visits.outcome',
      'visits.total_minor',
      'visits.charged_minor',
      'visits.refunded_minor',
      'debts.state',
      'debts.amount_minor',
      'debts.waived_minor',
      'reviews.state as review_state',
      'reviews.cause as review_cause',
      'reviews.raised_minor',
    ]);
}

type AuditedRow = Awaited<ReturnType<ReturnType<typeof audited>['execute']>>[number];

function toAudited(row: AuditedRow): AuditedVisit {
  return {
    id: row.id,
    currency: (JSON.parse(row.catalog) as Catalog).currency,
    ended: row.phase === 'done',
    inReview: row.outcome === 'in_review' && !isSettledByReview(row.review_state, row.review_cause),
    totalMinor: row.total_minor,
    raisedMinor: row.raised_minor ?? 0,
    chargedMinor: row.charged_minor,
    refundedMinor: row.refunded_minor,
    unpaidMinor: row.state === 'paid' ? (row.waived_minor ?? 0) : (row.amount_minor ?? 0),
  };
}

/** A decision leaves nothing to guess, except where somebody else's payment is on the visit. */
function isSettledByReview(state: string | null, cause: string | null): boolean {
  return state === 'decided' && cause !== 'paid_too_much';
}
