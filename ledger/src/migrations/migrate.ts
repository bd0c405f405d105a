// Brings a database to the schema of this release, and refuses one that a later release has written.
import { Fault } from '@tapcase/domain';
import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as firstSale from './001-first-sale.ts';
import * as money from './002-money.ts';
import * as reviews from './003-reviews.ts';
import * as learning from './004-learning.ts';
import * as sessions from './005-sessions.ts';
import * as staff from './006-staff.ts';
import * as epochs from './007-epochs.ts';
import * as visitWatch from './009-visit-watch.ts';
import * as moneyFence from './010-money-fence.ts';
import * as cardFingerprint from './012-card-fingerprint.ts';
import * as turnedAway from './013-turned-away.ts';

/** In code, not in a folder that must be found at run time; the names' order is the order of application. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-first-sale': firstSale,
  '002-money': money,
  '003-reviews': reviews,
  '004-learning': learning,
  '005-sessions': sessions,
  '006-staff': staff,
  '007-epochs': epochs,
  '009-visit-watch': visitWatch,
  '010-money-fence': moneyFence,
  '012-card-fingerprint': cardFingerprint,
  '013-turned-away': turnedAway,
};

export async function migrate<Tables>(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  // Kysely finds a migration in the database that is not in the list above.
  if (error instanceof Error && /corrupted migrations/.test(error.message)) {
    throw new Fault('ledger.newer-schema', 'the ledger was written by a newer release', {}, error);
  }
  throw error;
}
