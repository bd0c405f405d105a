// The ledger config node: opens the database once for all nodes that use it. PostgreSQL where its address is known.
import { defineConfigNode, type ReadSecret } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { Ledger } from '../store/port.ts';
import { openLedger } from '../store/sqlite.ts';
import { defaults, type LedgerConfig, parseConfig } from './contract.ts';
import { deferred } from './deferred.ts';

export default defineConfigNode<LedgerConfig, Ledger>({
  type: 'ledger',
  secrets: ['url'],
  defaults,
  parseConfig,
  open: ({ file }, secret) => {
    const url = addressOf(secret);
    if (url !== undefined) return deferred(() => openServer(url));
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

/** Loaded only where it is used: the driver is an optional dependency. */
async function openServer(url: string): Promise<Ledger> {
  const { openPostgresLedger } = await import('../store/postgres.ts');
  return openPostgresLedger({ url });
}
