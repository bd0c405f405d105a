// Throws away what nobody needs any more, a bounded number of rows each time.
import { defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** About a tenth of a second of the database's time. */
const ROWS_MAX = 10_000;

export default defineNode({
  type: 'ledger-prune',
  outputs: ['pruned'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async () => {
      const pruned = await ledger.prune(node.now(), ROWS_MAX);
      return { to: 'pruned', add: { pruned }, status: `${pruned} rows` };
    };
  },
});
