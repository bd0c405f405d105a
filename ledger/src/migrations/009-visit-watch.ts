// PostgreSQL tells the instances of the cloud when a visit enters another phase: one of them has a phone that watches it. An
// embedded ledger has one instance, which knows.
import { type Kysely, SqliteAdapter, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  if (db.getExecutor().adapter instanceof SqliteAdapter) return;
  const statements = [
    `create or replace function tapcase_tell_visit() returns trigger language plpgsql as
       $$ begin perform pg_notify('tapcase_visits', new.id); return null; end $$`,
    // Not at every write: commits that tell something wait for one another.
    `create or replace trigger tell_visit after update on visits for each row
       when (old.phase is distinct from new.phase or old.outcome is distinct from new.outcome)
       execute function tapcase_tell_visit()`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
