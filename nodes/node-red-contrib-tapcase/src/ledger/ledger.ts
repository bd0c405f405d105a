// The ledger config node: opens the database once for all nodes that use it.
import { defineConfigNode } from '@tapcase/define-node';
import type { Ledger } from '../store/port.ts';
import { openLedger } from '../store/sqlite.ts';
import { parseConfig } from './contract.ts';
import { deferred } from './deferred.ts';

export default defineConfigNode<{ readonly file: string }, Ledger>({
  type: 'ledger',
  parseConfig,
  open: ({ file }) => deferred(openLedger({ file })),
  close: (ledger) => ledger.close(),
});
