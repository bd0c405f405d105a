// Throws away what nobody needs any more: a bounded number of rows each time, and pictures that are too old or too many.
import { part } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import type { PictureStore } from '../../shop/picture-store/contract.ts';
import { allOf, type Task } from './all-of.ts';
import type { JobConfig, Output } from './contract.ts';

/** About a tenth of a second of the database's time. */
const ROWS_MAX = 10_000;

export const housekeeping = part<JobConfig, unknown, Output>({
  parseMessage: (raw) => raw,
  build: (config, node) => {
    const tasks: Task[] = [];
    // Without either, the one that no shop lacks is missed.
    if (config.ledger !== '' || config.store === '') {
      const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
      tasks.push(async () => {
        const pruned = await ledger.prune(node.now(), ROWS_MAX);
        return [{ to: 'report', add: { pruned, of: 'rows' }, status: `${pruned} rows` }];
      });
    }
    if (config.store !== '') {
      const store = node.use<PictureStore>(config.store, 'picture-store');
      tasks.push(async () => {
        const pruned = await store.prune(node.now());
        return [{ to: 'report', add: { pruned, of: 'pictures' }, status: `${pruned} files went` }];
      });
    }
    return () => allOf(node, tasks);
  },
});
