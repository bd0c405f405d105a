// The ledger config node: opens the database once for all nodes that use it. PostgreSQL where its address is known.
import { defineConfigNode, type ReadSecret } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { deferred, type Ledger, openLedger } from '@tapcase/ledger';
import { defaults, type LedgerConfig, parseConfig } from './contract.ts';

export default defineConfigNode<LedgerConfig, Ledger>({
  type: 'tapcase-ledger',
  secrets: ['url'],
  defaults,
  parseConfig,
  open: ({ file }, secret) => {
    const url = addressOf(secret);
    if (url !== undefined) return deferred(() => openLedger({ url }));
    if (file === '') throw new Fault('ledger.no-file', 'neither a file nor the address of a database is given');
    return deferred(() => openLedger({ file }));
  },
  close: (ledger) => ledger.close(),
});

/** undefined: none is set, and the embedded database is meant. */
function addressOf(secret: ReadSecret): string | undefined {
  try {
    return secret('url');
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'config.missing-secret') return undefined;
    throw thrown;
  }
}
