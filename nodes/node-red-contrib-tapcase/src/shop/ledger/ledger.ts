// The ledger config node: opens the database once for all nodes that use it, and is the journal in which stripe-capture writes
// its steps. PostgreSQL where its address is known.
import { defineConfigNode, type ReadSecret } from '@tapcase/define-node';
import { Fault, type Journal } from '@tapcase/domain';
import { deferred, type Ledger, openLedger } from '@tapcase/ledger';
import { moneyJournal } from '../../money/journal.ts';
import { defaults, type LedgerConfig, parseConfig } from './contract.ts';

type LedgerPort = Ledger & { readonly journal: Journal };

export default defineConfigNode<LedgerConfig, LedgerPort>({
  type: 'tapcase-ledger',
  secrets: ['url'],
  defaults,
  parseConfig,
  open: ({ file }, secret) => {
    const url = addressOf(secret);
    if (url !== undefined) return withJournal(deferred(() => openLedger({ url })));
    if (file === '') throw new Fault('ledger.no-file', 'neither a file nor the address of a database is given');
    return withJournal(deferred(() => openLedger({ file })));
  },
  close: (ledger) => ledger.close(),
});

/** A deferred ledger takes every name for a call. */
function withJournal(ledger: Ledger): LedgerPort {
  const journal = moneyJournal(ledger);
  return new Proxy(ledger as LedgerPort, {
    get: (target, name) => (name === 'journal' ? journal : target[name as keyof Ledger]),
  });
}

/** undefined: none is set, and the embedded database is meant. */
function addressOf(secret: ReadSecret): string | undefined {
  try {
    return secret('url');
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'config.missing-secret') return undefined;
    throw thrown;
  }
}
