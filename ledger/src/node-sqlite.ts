// The SQLite that Node brings, or why this Node has none of use. Loaded when a ledger is opened and not before, so that the
// palette's nodes stand in the editor of an older Node and say what they lack.
import { Fault } from '@tapcase/domain';

type NodeSqlite = typeof import('node:sqlite');

/** Without a flag from 22.13 on; a statement names its columns from 22.16 on (nodejs.org/api/sqlite.html). */
const NODE_WANTED = '22.16';

/** Rejects with `ledger.needs-newer-node`. */
export async function nodeSqlite(): Promise<NodeSqlite> {
  const sqlite = await import('node:sqlite').catch(tooOld);
  return 'columns' in sqlite.StatementSync.prototype ? sqlite : tooOld();
}

function tooOld(cause?: unknown): never {
  const message = `a ledger in a file needs Node ${NODE_WANTED} or later; this is ${process.version}`;
  throw new Fault('ledger.needs-newer-node', message, {}, cause);
}
