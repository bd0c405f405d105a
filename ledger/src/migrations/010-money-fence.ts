// What proves that Stripe still knows a key, and that a lease was taken by a clock that was right.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // By Stripe's clock; null for what was made before this release: then Stripe is always looked at first.
    'alter table intents add column made_at_ms bigint',
    'alter table intents add column doubted integer not null default 0',
    'alter table cards add column gone_at_ms bigint',
    'create index cards_by_method on cards (payment_method)',
    // What is due is few; the sweep also asks when that was written.
    'alter table visits add column due_set_at_ms bigint not null default 0',
    'create index visits_due_set on visits (due_set_at_ms) where due_at_ms is not null',
    // One row. What Stripe has from before this ledger's birth is another's.
    `create table money_guard (id integer primary key, born_at_ms bigint not null, accepted_until_ms bigint not null,
       stopped_at_ms bigint)`,
    `insert into money_guard (id, born_at_ms, accepted_until_ms)
       select 1, coalesce(min(created_at_ms), ${Date.now()}), 0 from visits`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
