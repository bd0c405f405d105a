// Throws away what nobody needs any more: a bounded number of rows each time, and pictures that are too old or too many.
import { part, says } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import type { LedgerPort } from '../../shop/ledger/contract.ts';
import { allOf, type Task } from './all-of.ts';
import type { JobConfig, Output } from './contract.ts';

/** About a tenth of a second of the database's time. */
const ROWS_MAX = 10_000;

export const housekeeping = part<JobConfig, unknown, Output>({
  parseMessage: (raw) => raw,
  build: (config, node) => {
    const ledger = node.use<LedgerPort>(config.ledger, 'tapcase-ledger');
    const rows: Task = async () => {
      const pruned = await ledger.prune(node.now(), ROWS_MAX);
      return [{ to: 'report', add: { pruned, of: 'rows' }, status: says('__n__ rows', { n: pruned }) }];
    };
    const pictures: Task = async () => {
      const pruned = await orThrow(ledger.pictures).prune(node.now());
      return [{ to: 'report', add: { pruned, of: 'pictures' }, status: says('__n__ files went', { n: pruned }) }];
    };
    return () => allOf(node, [rows, pictures]);
  },
});
