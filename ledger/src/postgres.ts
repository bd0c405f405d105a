// Opens the ledger on PostgreSQL: several instances of the cloud on one database. All that is PostgreSQL's own stands here.
import { databaseProblem, Fault } from '@tapcase/domain';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { kyselyLedger } from './kysely-ledger.ts';
import { migrate } from './migrations/migrate.ts';
import type { Ledger } from './port.ts';
import type { Tables } from './tables.ts';
import { visitWatch } from './visit-watch.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; a secret. */
  readonly url: string;
  /** Connections of this instance; PostgreSQL's own default allows 100 for all. */
  readonly poolMax?: number;
}

const POOL_MAX = 10;
const CONNECT_MS_MAX = 5_000;
/** No statement of ours takes a tenth of this; one that does is stuck behind a lock. */
const STATEMENT_MS_MAX = 10_000;
/** A transaction whose process has died without closing its socket gives its locks back after this. */
const IDLE_IN_TRANSACTION_MS_MAX = 30_000;
/** Somebody else's row, or lock, came first: the whole method is one transaction, so it can be run again. */
const TRIES_MAX = 5;

/** `ledger.cannot-open` for a bad address or a database that is not there, `ledger.newer-schema` for a later release's. */
export async function openPostgresLedger({ url, poolMax = POOL_MAX }: PostgresOptions): Promise<Ledger> {
  const problem = databaseProblem(url);
  if (problem !== undefined) throw new Fault('ledger.cannot-open', `the address of the ledger ${problem}`);
  const pool = new pg.Pool({
    connectionString: url,
    max: poolMax,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: STATEMENT_MS_MAX,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
    application_name: 'tapcase',
    types: { getTypeParser },
  });
  // A connection that breaks while nobody uses it: the next use opens another one, or says that it cannot.
  pool.on('error', () => {});
  // One that breaks while it is used tells its query, and itself as well: unheard, that would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  const pids = new Set<number>();
  pool.on('connect', (client) => void pids.add(pidOf(client)));
  pool.on('remove', (client) => void pids.delete(pidOf(client)));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db);
  } catch (cause) {
    await db.destroy();
    if (cause instanceof Fault) throw cause;
    throw new Fault('ledger.cannot-open', `cannot open the ledger on PostgreSQL: ${reasonOf(cause)}`);
  }
  const watch = visitWatch(
    () =>
      new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: CONNECT_MS_MAX,
        application_name: 'tapcase-watch',
        // Nothing is asked on it: without this a cable that was pulled would be noticed by nobody.
        keepAlive: true,
      }),
    (pid) => pids.has(pid),
  );
  return {
    ...patient(kyselyLedger(db, { isAlone: false })),
    watchVisits: (changed) =>
      watch.watch(changed).catch((thrown: unknown) => {
        throw isWorld(thrown) ? unavailable(thrown) : thrown;
      }),
    close: async () => {
      await watch.close();
      await db.destroy();
    },
  };
}

/** Of the process that serves a connection; the driver's types do not say that it is known. */
function pidOf(client: pg.PoolClient): number {
  return (client as unknown as { readonly processID: number }).processID;
}

const INT8 = pg.types.builtins.INT8;

/** Times and numbers fit a double; pg hands out bigint as text because others may not. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

/** PostgreSQL's word that a transaction lost a race and may be run again (postgresql.org/docs/current/errcodes-appendix.html). */
const RACES = new Set(['40001', '40P01', '23505']);

/** Runs each method again where it lost a race, and says `ledger.unavailable` where the database is to blame. */
function patient(ledger: Ledger): Ledger {
  return new Proxy(ledger, {
    get: (target, name) => {
      const method = target[name as keyof Ledger] as (...values: unknown[]) => Promise<unknown>;
      if (typeof method !== 'function') return method;
      return async (...values: unknown[]) => {
        for (let tries = 1; ; tries += 1) {
          try {
            return await method.apply(target, values);
          } catch (thrown) {
            if (tries < TRIES_MAX && RACES.has(codeOf(thrown))) continue;
            throw isWorld(thrown) ? unavailable(thrown) : thrown;
          }
        }
      };
    },
  });
}

function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Classes 08 connection, 53 resources, 57 operator's doing, 58 system; and what the socket says. */
function isWorld(thrown: unknown): boolean {
  if (thrown instanceof Fault || !(thrown instanceof Error)) return false;
  if (/^(08|53|57|58)/.test(codeOf(thrown)) || /^E[A-Z]+$/.test(codeOf(thrown))) return true;
  return /connection (terminated|timeout)|timeout exceeded|client has encountered/i.test(thrown.message);
}

function unavailable(thrown: unknown): Fault {
  return new Fault('ledger.unavailable', `the ledger cannot be used: ${reasonOf(thrown)}`);
}

/** Never the address: it carries the password. */
function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown);
  const message = thrown instanceof Error ? thrown.message : 'unknown';
  return `${code === '' ? '' : `${code} `}${message.replace(/postgres(ql)?:\/\/\S+/g, 'postgres://…')}`.slice(0, 200);
}
