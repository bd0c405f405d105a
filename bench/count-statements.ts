// Counts what this process's ledger asks of SQLite, transaction by transaction: the counts of a visit are no matter of how fast a
// machine is.
import { StatementSync } from 'node:sqlite';

export interface Counted {
  readonly statements: number;
  /** What waits for the disk: a transaction that has written, or a write outside of any. */
  readonly commits: number;
}

/** A case says each second that it is there: that costs as much where nobody buys, and no visit pays for it. */
const isHeartbeat = (transaction: readonly string[]) =>
  transaction.some((sql) => sql.startsWith('insert into "case_status"')) &&
  !transaction.some((sql) => sql.startsWith('insert into "evidence"'));

/** From now on; what was counted until the call. `told`: of each transaction, and of each statement outside of any. */
export function countStatements(told: (statements: readonly string[]) => void = () => {}): () => Counted {
  let [statements, commits] = [0, 0];
  let transaction: string[] | undefined;
  const add = (done: readonly string[]) => {
    if (isHeartbeat(done)) return;
    statements += done.length;
    if (done.some((sql) => /^(insert|update|delete)/i.test(sql))) commits += 1;
    told(done);
  };
  for (const method of ['run', 'all', 'get', 'iterate'] as const) {
    const original = StatementSync.prototype[method] as (...values: unknown[]) => unknown;
    Object.assign(StatementSync.prototype, {
      [method](this: StatementSync, ...values: unknown[]) {
        const sql = this.sourceSQL.trim();
        const word = /^\w+/.exec(sql)?.[0].toLowerCase();
        if (word === 'begin') transaction = [];
        else if (word === 'commit' || word === 'rollback') {
          add(transaction ?? []);
          transaction = undefined;
        } else if (transaction === undefined) add([sql]);
        else transaction.push(sql);
        return original.apply(this, values);
      },
    });
  }
  return () => ({ statements, commits });
}
