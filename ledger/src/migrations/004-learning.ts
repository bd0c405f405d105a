// What each case has learned from its past visits, and what an operator has had forgotten.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'create table case_learning (case_id text primary key, learning text not null, learned_at_ms bigint not null)',
    // An empty SKU stands for the whole case: a key holds no null.
    `create table learning_forgotten (case_id text not null, sku text not null, forgotten_by text not null,
       at_ms bigint not null, primary key (case_id, sku))`,
    'create index visits_of_case on visits (case_id, created_at_ms)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
