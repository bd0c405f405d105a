// What the ledger knows of the staff's browsers: in which somebody was let in by password, and what each was asked.
import type { Kysely } from 'kysely';
import type { StaffLedger } from '../staff-port.ts';
import type { Tables } from '../tables.ts';

/** A browser that was not used for a season is a stranger again. */
const BROWSER_MS = 90 * 86_400_000;
const BROWSERS_MAX = 20;

type Browsers = Pick<StaffLedger, 'rememberBrowser' | 'knowsBrowser' | 'putChallenge' | 'takeChallenge'>;

export function staffBrowsers(db: Kysely<Tables>): Browsers {
  return {
    rememberBrowser: (staffId, tokenHash, atMs) =>
      db.transaction().execute(async (tx) => {
        const row = { staff_id: staffId, expires_at_ms: atMs + BROWSER_MS };
        await tx
          .insertInto('staff_browsers')
          .values({ token_hash: tokenHash, ...row })
          .onConflict((conflict) => conflict.column('token_hash').doUpdateSet(row))
          .execute();
        const surplus = tx
          .selectFrom('staff_browsers')
          .select('token_hash')
          .where('staff_id', '=', staffId)
          .orderBy('expires_at_ms', 'desc')
          .limit(BROWSERS_MAX)
          .offset(BROWSERS_MAX);
        await tx.deleteFrom('staff_browsers').where('token_hash', 'in', surplus).execute();
      }),
    async knowsBrowser(staffId, tokenHash, nowMs) {
      const row = await db
        .selectFrom('staff_browsers')
        .select('staff_id')
        .where('token_hash', '=', tokenHash)
        .where('staff_id', '=', staffId)
        .where('expires_at_ms', '>', nowMs)
        .executeTakeFirst();
      return row !== undefined;
    },
    putChallenge: ({ browserHash, purpose, body, expiresAtMs }, nowMs) =>
      db.transaction().execute(async (tx) => {
        await tx.deleteFrom('staff_challenges').where('expires_at_ms', '<=', nowMs).execute();
        const row = { body, expires_at_ms: expiresAtMs };
        await tx
          .insertInto('staff_challenges')
          .values({ browser_hash: browserHash, purpose, ...row })
          .onConflict((conflict) => conflict.columns(['browser_hash', 'purpose']).doUpdateSet(row))
          .execute();
      }),
    async takeChallenge(browserHash, purpose, nowMs) {
      const row = await db
        .deleteFrom('staff_challenges')
        .where('browser_hash', '=', browserHash)
        .where('purpose', '=', purpose)
        .returning(['body', 'expires_at_ms'])
        .executeTakeFirst();
      return row !== undefined && row.expires_at_ms > nowMs ? row.body : undefined;
    },
  };
}
