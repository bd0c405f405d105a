// The tables of the first sale.
import { type Kysely, SqliteAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table customers (id text primary key, email text not null unique, language text not null,
       stripe_customer text unique, created_at_ms bigint not null)`,
    `create table sign_in_codes (email text primary key, hash text not null, expires_at_ms bigint not null,
       attempts integer not null, created_at_ms bigint not null)`,
    `create table visits (id text primary key, case_id text not null, customer_id text not null references customers (id),
       request_id text not null, language text not null, phase text not null, outcome text, catalog text not null,
       card text not null, hold_minor integer not null, intent text, open_too_long integer not null, basket text,
       total_minor integer not null, charged_minor integer not null, flagged integer not null,
       occupies_case integer not null, created_at_ms bigint not null, entered_at_ms bigint not null,
       due_at_ms bigint, ended_at_ms bigint, unique (customer_id, request_id))`,
    // A case has at most one open visit, whatever the code above believes.
    'create unique index one_open_visit on visits (case_id) where occupies_case = 1',
    'create index visits_due on visits (due_at_ms) where due_at_ms is not null',
    'create index visits_of_customer on visits (customer_id, created_at_ms)',
    `create table money_steps (visit_id text not null references visits (id), kind text not null,
       attempt integer not null, idempotency_key text not null unique, amount_minor integer not null,
       state text not null, sent_at_ms bigint, intent text, result text, primary key (visit_id, kind, attempt))`,
    `create table device_seqs (case_id text not null, channel text not null, highest bigint not null,
       bitmap text not null, primary key (case_id, channel))`,
    'create table case_status (case_id text primary key, last_status text, heard_at_ms bigint not null)',
    `create table push_subscriptions (endpoint text primary key, customer_id text not null references customers (id),
       p256dh text not null, auth text not null, language text not null, added_at_ms bigint not null)`,
    'create index pushes_of_customer on push_subscriptions (customer_id)',
    'create table fault_counts (code text primary key, count bigint not null, last_at_ms bigint not null)',
    'create table webhook_events (id text primary key, type text not null, at_ms bigint not null)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
  await numbered(
    db,
    'cards',
    'customer_id text not null references customers (id), stripe_customer text not null, payment_method text not null, brand text not null, last4 text not null, added_at_ms bigint not null',
  );
  await numbered(
    db,
    'visit_events',
    'visit_id text not null references visits (id), event text not null, phase text not null, note text, at_ms bigint not null',
  );
  await numbered(
    db,
    'evidence',
    'case_id text not null, visit_id text references visits (id), channel text not null, seq bigint not null, report text not null, at_ms bigint not null',
  );
  await numbered(
    db,
    'outbox',
    'kind text not null, body text not null, created_at_ms bigint not null, leased_until_ms bigint not null, done_at_ms bigint',
  );
  await sql.raw('create index cards_of_customer on cards (customer_id, id)').execute(db);
  await sql.raw('create index events_of_visit on visit_events (visit_id, id)').execute(db);
  await sql.raw('create index evidence_of_visit on evidence (visit_id, id)').execute(db);
  await sql.raw('create index outbox_waiting on outbox (kind, id) where done_at_ms is null').execute(db);
}

/** A table whose rows are numbered in the order they came: the one thing the databases spell differently. */
async function numbered(db: Kysely<unknown>, name: string, columns: string): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  const id = isSqlite ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
  await sql.raw(`create table ${name} (id ${id}, ${columns})`).execute(db);
}
