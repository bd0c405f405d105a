// What proves that Stripe still knows a key, and that a lease was taken by a clock that was right.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // By Stripe's clock; null for what was made before this release: then Stripe is always looked at first.
    'alter table intents add column made_at_ms bigint',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
