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
    'create table tries (what text primary key, count integer not null, until_ms bigint not null)',
    'create index tries_by_end on tries (until_ms)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
