// The guard of the shop's money: since when this ledger lives, what Stripe knows and it does not, and whether charging has stopped.
import type { MarkedPayment, StrangePayment } from '@tapcase/domain';
import type { Kysely } from 'kysely';
import type { MoneyGuard } from '../port.ts';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';

/** Ids in one question. */
const CHUNK = 500;
/** Our clock and Stripe's, when the ledger was made. */
const BIRTH_SLACK_MS = 300_000;
/** While charging has stopped, a step that waits is asked about so often. */
export const STOPPED_WAIT_MS = 60_000;

export function guard(db: Kysely<Tables>) {
  return {
    async moneyGuard(): Promise<MoneyGuard> {
      const { born_at_ms, accepted_until_ms, stopped_at_ms } = await rowOf(db);
      return { bornAtMs: born_at_ms, acceptedUntilMs: accepted_until_ms, stoppedAtMs: stopped_at_ms };
    },
    async strangePayments(payments: readonly MarkedPayment[]): Promise<readonly StrangePayment[]> {
      const { born_at_ms, accepted_until_ms } = await rowOf(db);
      const sinceMs = Math.max(born_at_ms + BIRTH_SLACK_MS, accepted_until_ms);
      const recent = payments.filter(({ createdAtMs }) => createdAtMs > sinceMs);
      const strange: StrangePayment[] = [];
      for (let at = 0; at < recent.length; at += CHUNK) {
        const chunk = recent.slice(at, at + CHUNK);
        const ids = [...new Set(chunk.map(({ visitId }) => visitId))];
        const rows = await db
          .selectFrom('money_steps')
          .select(['visit_id', 'kind', 'attempt'])
          .where('visit_id', 'in', ids)
          .execute();
        const visits = new Set(rows.map(({ visit_id }) => visit_id));
        const steps = new Set(rows.map(({ visit_id, kind, attempt }) => `${visit_id}:${kind}:${attempt}`));
        for (const each of chunk) {
          const isKnown = steps.has(`${each.visitId}:${each.kind}:${each.attempt}`);
          if (!isKnown) strange.push({ ...each, knowsVisit: visits.has(each.visitId) });
        }
      }
      return strange;
    },
    async stopMoney(atMs: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('money_guard')
        .set({ stopped_at_ms: atMs })
        .where('stopped_at_ms', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async goOnWithMoney(acceptedUntilMs: number): Promise<void> {
      const { accepted_until_ms } = await rowOf(db);
      await db
        .updateTable('money_guard')
        .set({ stopped_at_ms: null, accepted_until_ms: Math.max(accepted_until_ms, acceptedUntilMs) })
        .execute();
    },
  };
}

/** Asked only before a card is charged or money goes back: an ordinary visit costs nothing more. */
export async function isStopped(tx: Db): Promise<boolean> {
  return (await rowOf(tx)).stopped_at_ms !== null;
}

async function rowOf(db: Db) {
  return db.selectFrom('money_guard').selectAll().executeTakeFirstOrThrow();
}
