// Opens the embedded ledger: node:sqlite behind Kysely, durable at every commit.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Fault } from '@tapcase/domain';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import { kyselyLedger } from './kysely-ledger.ts';
import { migrate } from './migrations/migrate.ts';
import type { Ledger } from './port.ts';
import type { Tables } from './tables.ts';

export interface SqliteOptions {
  /** Path of the database; its folder is made. `:memory:` for tests. */
  readonly file: string;
}

/** How long a second process (a backup, an operator's query) may hold the lock before we give up. */
const BUSY_MS_MAX = 5_000;

/** `ledger.cannot-open` for a bad path or file, `ledger.newer-schema` for a database of a later release. */
export async function openLedger({ file }: SqliteOptions): Promise<Ledger> {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: openDatabase(file) }) });
  try {
    await migrate(db);
  } catch (cause) {
    await db.destroy();
    if (cause instanceof Fault) throw cause;
    throw new Fault('ledger.cannot-open', `cannot prepare the ledger ${file}`, { file }, cause);
  }
  return kyselyLedger(db);
}

function openDatabase(file: string): SqliteDatabase {
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file);
    // FULL: a commit is on the disk before Stripe hears of it, even when the power goes.
    database.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
      pragma busy_timeout = ${BUSY_MS_MAX}`);
    return asBetterSqlite(database);
  } catch (cause) {
    throw new Fault('ledger.cannot-open', `cannot open the ledger ${file}`, { file }, cause);
  }
}

/** Kysely's dialect speaks to better-sqlite3; node:sqlite differs in how parameters are handed over. */
function asBetterSqlite(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}
