// The ledger's port on a Kysely database: each area of it in a file of its own.
import type { Kysely } from 'kysely';
import type { Ledger } from './port.ts';
import { audits } from './queries/audits.ts';
import { customers } from './queries/customers.ts';
import { debts } from './queries/debts.ts';
import { devices } from './queries/devices.ts';
import { doubts } from './queries/doubts.ts';
import { epochs } from './queries/epochs.ts';
import { tellEvent } from './queries/events.ts';
import { flags } from './queries/flags.ts';
import { guard } from './queries/guard.ts';
import { learning } from './queries/learning.ts';
import { money } from './queries/money.ts';
import { outbox } from './queries/outbox.ts';
import { prune } from './queries/prune.ts';
import { refunds } from './queries/refunds.ts';
import { reviews } from './queries/reviews.ts';
import { sessions } from './queries/sessions.ts';
import { signInCodes } from './queries/sign-in-codes.ts';
import { staff } from './queries/staff.ts';
import { staffAccess } from './queries/staff-access.ts';
import { staffActs } from './queries/staff-acts.ts';
import { staffBrowsers } from './queries/staff-browsers.ts';
import { staffInvitations } from './queries/staff-invitations.ts';
import { staffJoining } from './queries/staff-joining.ts';
import { visits } from './queries/visits.ts';
import type { Tables } from './tables.ts';

/** More distinct codes than the shop has; a code from outside cannot fill the table. */
const FAULT_CODES_MAX = 500;

/** `isAlone`: one cloud at a time has this database. */
export function kyselyLedger(db: Kysely<Tables>, { isAlone }: { readonly isAlone: boolean }): Ledger {
  return {
    ...customers(db),
    ...sessions(db),
    ...signInCodes(db),
    ...visits(db),
    ...money(db),
    ...flags(db),
    ...debts(db),
    ...doubts(db),
    ...guard(db),
    ...refunds(db),
    ...reviews(db),
    ...learning(db),
    ...audits(db),
    ...prune(db),
    ...devices(db),
    ...epochs(db),
    ...outbox(db, isAlone),
    ...staff(db),
    ...staffAccess(db),
    ...staffBrowsers(db),
    ...staffInvitations(db),
    ...staffJoining(db),
    ...staffActs(db),
    countFault: (code, atMs, times = 1) =>
      db.transaction().execute(async (tx) => {
        await tx
          .insertInto('fault_counts')
          .values({ code, count: times, last_at_ms: atMs })
          .onConflict((conflict) =>
            conflict
              .column('code')
              .doUpdateSet((eb) => ({ count: eb('fault_counts.count', '+', times), last_at_ms: atMs })),
          )
          .execute();
        const row = await tx.selectFrom('fault_counts').select('count').where('code', '=', code).executeTakeFirst();
        const counted = Number(row?.count ?? 0);
        await tellEvent(tx, 'fault-counted', atMs, { fault: { code, count: counted } });
        return counted;
      }),
    faultCounts: async () => {
      const rows = await db.selectFrom('fault_counts').selectAll().orderBy('code').limit(FAULT_CODES_MAX).execute();
      return rows.map(({ code, count, last_at_ms }) => ({ code, count: Number(count), lastAtMs: last_at_ms }));
    },
    recordWebhook: async (id, type, atMs) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('webhook_events')
        .values({ id, type, at_ms: atMs })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    // Whoever is alone knows what it does itself.
    watchVisits: async () => () => {},
    close: () => db.destroy(),
  };
}
