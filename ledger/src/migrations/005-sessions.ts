// Who is signed in where, and how often something was tried: in the ledger, so that all instances know the same.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // Of a session's secret only the hash is kept: whoever reads the ledger is not signed in.
    `create table sessions (token_hash text primary key, id text not null unique, kind text not null,
       subject text not null, label text not null, created_at_ms bigint not null, seen_at_ms bigint not null,
       expires_at_ms bigint not null)`,
    'create index sessions_of_subject on sessions (kind, subject, seen_at_ms)',
    'create index sessions_by_end on sessions (expires_at_ms)',
    // A code belongs to the browser that asked for it: those of before, good for ten minutes, are asked for again.
    'drop table sign_in_codes',
    `create table sign_in_codes (email text not null, request text not null, hash text not null,
       is_long integer not null, attempts integer not null, asked_at_ms bigint not null, mailed_at_ms bigint not null,
       expires_at_ms bigint not null, primary key (email, request))`,
    'create index sign_in_codes_of_address on sign_in_codes (email, is_long, mailed_at_ms)',
    'create index sign_in_codes_by_end on sign_in_codes (expires_at_ms)',
    'create table tries (what text primary key, count integer not null, until_ms bigint not null)',
    'create index tries_by_end on tries (until_ms)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
