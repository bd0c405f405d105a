// Opens the embedded ledger: node:sqlite behind Kysely, durable at every commit. All that is SQLite's own stands here.
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { Fault } from '@tapcase/domain';
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type SelectModifierNode,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  SqliteQueryCompiler,
} from 'kysely';
import { kyselyLedger } from './kysely-ledger.ts';
import { migrate } from './migrations/migrate.ts';
import { nodeSqlite } from './node-sqlite.ts';
import type { Ledger } from './port.ts';
import type { Tables } from './tables.ts';

export interface SqliteOptions {
  /** Path of the database; its folder is made. `:memory:` for tests. */
  readonly file: string;
}

/** How long a second process (a backup, an operator's query) may hold the lock before we give up. */
const BUSY_MS_MAX = 5_000;
const BUSY_STEP_MS = 5;
/** The ledger has about a hundred different statements; a list of ids makes a few more. */
const STATEMENTS_MAX = 300;

/**
 * `ledger.cannot-open` for a bad path or file, `ledger.newer-schema` for a database of a later release,
 * `ledger.needs-newer-node` where Node brings no SQLite.
 */
export async function openSqliteLedger({ file }: SqliteOptions): Promise<Ledger> {
  const sqlite = await nodeSqlite();
  const database = openDatabase(sqlite, file);
  const db = new Kysely<Tables>({ dialect: new Dialect(database) });
  try {
    await migrate(db);
  } catch (cause) {
    await db.destroy();
    if (cause instanceof Fault && cause.code !== 'ledger.unavailable') throw cause;
    throw cannotOpen(file, cause);
  }
  return kyselyLedger(db, { isAlone: true });
}

/** As Kysely knows it, and whether a transaction is under way. */
type Database = SqliteDatabase & { readonly isTransaction: boolean };

class Dialect extends SqliteDialect {
  readonly #database: Database;
  constructor(database: Database) {
    super({ database });
    this.#database = database;
  }
  override createAdapter() {
    return new Adapter();
  }
  override createDriver() {
    return new Driver(this.#database);
  }
  override createQueryCompiler() {
    return new Compiler();
  }
}

class Adapter extends SqliteAdapter {
  // SQLite rolls back a `create table` like anything else: a migration that fails half-way leaves nothing.
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class Driver extends SqliteDriver {
  readonly #database: Database;
  constructor(database: Database) {
    super({ database });
    this.#database = database;
  }
  #patient: DatabaseConnection | undefined;
  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#patient ??= patient(await super.acquireConnection());
    return this.#patient;
  }
  // A plain `begin` takes the write lock at its first write, after it has read: a second process may have changed what
  // was read, and SQLite then fails at once instead of waiting.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
  // A disk that is full or broken has SQLite roll back by itself (sqlite.org/lang_transaction.html, 3): rolled back again, its
  // complaint would take the place of what went wrong.
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await super.rollbackTransaction(connection);
  }
}

/** Waits for another writer without stopping this process, which SQLite's own waiting would. */
function patient(connection: DatabaseConnection): DatabaseConnection {
  return {
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    executeQuery: async (query) => {
      for (let waitedMs = 0; ; waitedMs += BUSY_STEP_MS) {
        try {
          return await connection.executeQuery(query);
        } catch (thrown) {
          if (!(thrown instanceof Fault) || thrown.details.busy !== true || waitedMs >= BUSY_MS_MAX) throw thrown;
        }
        await setTimeout(BUSY_STEP_MS);
      }
    },
  };
}

class Compiler extends SqliteQueryCompiler {
  // `for update skip locked` belongs to databases with many writers; here the whole transaction is the lock.
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier !== 'ForUpdate' && node.modifier !== 'SkipLocked') super.visitSelectModifier(node);
  }
}

function openDatabase({ DatabaseSync }: Awaited<ReturnType<typeof nodeSqlite>>, file: string): Database {
  try {
    if (file !== ':memory:') createPrivately(file);
    const database = new DatabaseSync(file);
    // FULL: a commit is on the disk before Stripe hears of it, even when the power goes.
    database.exec(`pragma busy_timeout = ${BUSY_MS_MAX}; pragma journal_mode = wal; pragma synchronous = full;
      pragma foreign_keys = on; pragma busy_timeout = 0`);
    return asBetterSqlite(database);
  } catch (cause) {
    throw cannotOpen(file, cause);
  }
}

/** The ledger knows customers: only its owner reads it. SQLite gives its side files the same mode. */
function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', 0o600));
}

function cannotOpen(file: string, cause: unknown): Fault {
  return new Fault('ledger.cannot-open', `cannot open the ledger ${file}`, { file }, cause);
}

/** Kysely's dialect speaks to better-sqlite3; node:sqlite differs in how parameters are handed over. */
function asBetterSqlite(database: DatabaseSync): Database {
  const prepared = new Map<string, ReturnType<SqliteDatabase['prepare']>>();
  return {
    get isTransaction() {
      return database.isTransaction;
    },
    close: () => {
      prepared.clear();
      database.close();
    },
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      if (prepared.size >= STATEMENTS_MAX) prepared.clear();
      const statement = orUnavailable(() => asStatement(database.prepare(sql)));
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function asStatement(statement: StatementSync): ReturnType<SqliteDatabase['prepare']> {
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => orUnavailable(() => statement.all(...values(parameters))),
    run: (parameters) => orUnavailable(() => statement.run(...values(parameters))),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}

/** sqlite.org/rescode.html: BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: the disk, not our statement. */
const BUSY_CODE = 5;
const WORLD_CODES = new Set([BUSY_CODE, 6, 8, 10, 11, 13, 14, 26]);

/** Throws `ledger.unavailable` where the disk is to blame. */
function orUnavailable<T>(action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    // The low byte is the primary code; the rest says where exactly.
    const code = (thrown as { readonly errcode?: number }).errcode;
    if (code === undefined || !WORLD_CODES.has(code & 0xff)) throw thrown;
    const message = `the ledger cannot be used: ${(thrown as Error).message}`;
    throw new Fault('ledger.unavailable', message, { busy: (code & 0xff) === BUSY_CODE }, thrown);
  }
}
