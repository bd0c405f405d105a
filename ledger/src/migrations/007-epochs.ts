// Epochs: which board counts in a case, which ledger gives the numbers, and reports that are kept aside for a person.
import { type Kysely, SqliteAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  const numbered = isSqlite ? 'integer primary key autoincrement' : 'bigint generated always as identity primary key';
  const statements = [
    `create table device_epochs (case_id text not null, device text not null, epoch text not null, state text not null,
       speaks integer not null, heard_at_ms bigint not null, accepted_by text, primary key (case_id, device, epoch))`,
    `create table boards_expected (case_id text not null, device text not null, until_ms bigint not null,
       expected_by text not null, primary key (case_id, device))`,
    // The newest is the one that counts. A copy of the database has it too: what unmasks one that was put back is a device
    // that has heard more of this epoch than it has given.
    `create table ledger_epochs (id ${numbered}, epoch text not null, why text not null, at_ms bigint not null)`,
    'alter table evidence add column epoch text',
    'alter table evidence add column held text',
    'create index evidence_of_number on evidence (case_id, channel, seq)',
    'create index evidence_held on evidence (case_id, at_ms) where held is not null',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
