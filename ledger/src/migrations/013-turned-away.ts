// Why a case opened nothing for a visit: its customer is told in true words.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table visits add column turned_away text').execute(db);
}
