// Which cards are one: whose door stayed shut is counted by it as well.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // null for cards that were stored before this release, and visits with them.
    'alter table cards add column fingerprint text',
    'alter table visits add column card_fingerprint text',
    // Looked for by every tap. Not by 'opened' too: that is a parameter, of which SQLite does not know that it is 0.
    `create index visits_by_card on visits (card_fingerprint, created_at_ms) where card_fingerprint is not null`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
