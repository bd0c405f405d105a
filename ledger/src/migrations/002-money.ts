// Debts, refunds and what Stripe last said of each payment; steps that can be resumed.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table visits add column opened integer not null default 0',
    'alter table visits add column review integer not null default 0',
    'alter table visits add column refunded_minor integer not null default 0',
    'create index visits_by_time on visits (created_at_ms)',
    'create index visits_flagged on visits (created_at_ms) where flagged = 1',
    'alter table money_steps add column ordinal integer not null default 1',
    'alter table money_steps add column tries integer not null default 0',
    'alter table money_steps add column planned_at_ms bigint not null default 0',
    'alter table money_steps add column last_sent_at_ms bigint',
    'alter table money_steps add column leased_until_ms bigint not null default 0',
    'alter table money_steps add column answered_at_ms bigint',
    'alter table money_steps add column code text',
    'alter table money_steps add column decline_code text',
    'alter table money_steps add column advice_code text',
    'alter table money_steps add column params text',
    // Stripe's id of a refund: a refund that fails later is found by it.
    'alter table money_steps add column refund text',
    'create unique index refunds_by_id on money_steps (refund) where refund is not null',
    `create table intents (id text primary key, visit_id text not null references visits (id), purpose text not null,
       status text not null, amount_minor integer not null, capturable_minor integer not null,
       capture_max_minor integer not null, can_increment integer not null, received_minor integer not null,
       capture_before_ms bigint, seen_at_ms bigint not null)`,
    'create index intents_of_visit on intents (visit_id)',
    `create table debts (visit_id text primary key references visits (id), customer_id text not null references customers (id),
       amount_minor integer not null, waived_minor integer not null, currency text not null, state text not null, reason text not null, code text,
       decline_code text, advice_code text, next_try_at_ms bigint, tries integer not null, opened_at_ms bigint not null,
       closed_at_ms bigint, closed_by text, closing_note text)`,
    "create index open_debts_of_customer on debts (customer_id) where state = 'open'",
    'create index debts_by_time on debts (opened_at_ms)',
    `create table adjustments (id text primary key, visit_id text not null references visits (id), kind text not null,
       amount_minor integer not null, reason text not null, made_by text not null, at_ms bigint not null)`,
    'create index adjustments_of_visit on adjustments (visit_id)',
    'create index outbox_done on outbox (done_at_ms) where done_at_ms is not null',
    'create index webhooks_by_time on webhook_events (at_ms)',
    'create index codes_by_time on sign_in_codes (expires_at_ms)',
    `create table audits (day text primary key, report text not null, differences integer not null, at_ms bigint not null)`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
