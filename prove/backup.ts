// A backup of the ledger as an operator makes one while the shop runs, and puts one back.
import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { RunningPostgres } from '../test/postgres.ts';

export interface Backups {
  make(): Promise<void>;
  /** Where the cloud finds the ledger that was put back, as its environment says it. */
  putBack(): Promise<Readonly<Record<'LEDGER_FILE', string> | Record<'DATABASE_URL', string>>>;
}

export function fileBackups(folder: string, file: string): Backups {
  let copies = 0;
  const copy = () => join(folder, `backup-${copies}.sqlite`);
  return {
    make: async () => {
      copies += 1;
      const database = new DatabaseSync(file);
      database.exec(`pragma busy_timeout = 60000; vacuum into '${copy()}'`);
      database.close();
    },
    putBack: async () => {
      const restored = join(folder, `ledger-${copies}.sqlite`);
      copyFileSync(copy(), restored);
      return { LEDGER_FILE: restored };
    },
  };
}

const run = promisify(execFile);

/** `program`: of the server; its tools lie beside it. */
export function postgresBackups(folder: string, url: string, postgres: RunningPostgres, program: string): Backups {
  const tool = (name: string) => join(dirname(program), name);
  const dump = join(folder, 'backup.sql');
  return {
    make: async () => void (await run(tool('pg_dump'), [`--file=${dump}`, '--no-owner', url])),
    putBack: async () => {
      const fresh = await postgres.database();
      await run(tool('psql'), ['--quiet', '--no-psqlrc', '--set=ON_ERROR_STOP=1', `--file=${dump}`, fresh]);
      return { DATABASE_URL: fresh };
    },
  };
}
