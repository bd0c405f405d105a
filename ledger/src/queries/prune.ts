// What the ledger may forget: rows that have done their work. Visits, evidence and money are never among them.
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { EVENT_MS_MAX } from './outbox.ts';

const DAY_MS = 86_400_000;
/** A week to look back at what was sent. */
const OUTBOX_MS = 7 * DAY_MS;
/** Stripe lists events for 30 days; an older one never comes again. */
const WEBHOOK_MS = 31 * DAY_MS;

export function prune(db: Kysely<Tables>) {
  return {
    /** How many rows went; at most `rowsMax` of a kind. */
    async prune(nowMs: number, rowsMax: number): Promise<number> {
      const outbox = await db
        .deleteFrom('outbox')
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('outbox')
            .select('id')
            .where('done_at_ms', '<', nowMs - OUTBOX_MS)
            .orderBy('done_at_ms')
            .limit(rowsMax),
        )
        .executeTakeFirst();
      // Of a kind that nobody waits for any more: nobody takes it.
      const events = await db
        .deleteFrom('outbox')
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('outbox')
            .select('id')
            .where('kind', '=', 'event')
            .where('done_at_ms', 'is', null)
            .where('created_at_ms', '<', nowMs - EVENT_MS_MAX)
            .limit(rowsMax),
        )
        .executeTakeFirst();
      const webhooks = await db
        .deleteFrom('webhook_events')
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('webhook_events')
            .select('id')
            .where('at_ms', '<', nowMs - WEBHOOK_MS)
            .orderBy('at_ms')
            .limit(rowsMax),
        )
        .executeTakeFirst();
      const codes = await db
        .deleteFrom('sign_in_codes')
        // Asked again: a browser whose code was just replaced.
        .where('expires_at_ms', '<=', nowMs)
        .where('request', 'in', (eb) =>
          eb
            .selectFrom('sign_in_codes')
            .select('request')
            .where('expires_at_ms', '<=', nowMs)
            .orderBy('expires_at_ms')
            .limit(rowsMax),
        )
        .executeTakeFirst();
      const sessions = await db
        .deleteFrom('sessions')
        .where('token_hash', 'in', (eb) =>
          eb
            .selectFrom('sessions')
            .select('token_hash')
            .where('expires_at_ms', '<=', nowMs)
            .orderBy('expires_at_ms')
            .limit(rowsMax),
        )
        .executeTakeFirst();
      const tries = await db
        .deleteFrom('tries')
        // Asked again: whoever tries in this moment opens a new window.
        .where('until_ms', '<=', nowMs)
        .where('what', 'in', (eb) =>
          eb.selectFrom('tries').select('what').where('until_ms', '<=', nowMs).orderBy('until_ms').limit(rowsMax),
        )
        .executeTakeFirst();
      const gone = [outbox, events, webhooks, codes, sessions, tries];
      return gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0);
    },
  };
}
