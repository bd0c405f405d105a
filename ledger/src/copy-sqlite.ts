// A copy of the embedded ledger as it stands, made while others write to it, and put in its place while nobody does.
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { Fault } from '@tapcase/domain';
import { nodeSqlite } from './node-sqlite.ts';

/** Whole or not at all: an older copy stays until the new one is there. */
export async function copySqliteLedger(file: string, copy: string): Promise<void> {
  const { DatabaseSync } = await nodeSqlite();
  const fresh = `${copy}.new`;
  rmSync(fresh, { force: true });
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    // SQLite's own way (sqlite.org/lang_vacuum.html, 2): one transaction reads it all, whatever is written meanwhile.
    database.prepare('vacuum into ?').run(fresh);
  } finally {
    database.close();
  }
  renameSync(fresh, copy);
}

/** Only while no process has it open. What SQLite keeps beside the file belongs to the file that goes. */
export function putBackSqliteLedger(file: string, copy: string): void {
  if (!existsSync(copy)) throw new Fault('ledger.no-copy', `there is no copy ${copy}`, { copy });
  copyFileSync(copy, `${file}.new`);
  for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  renameSync(`${file}.new`, file);
}
