// The ledger config node: opens the database once for all nodes that use it and for the host, is the journal in which
// stripe-capture writes its steps, and keeps the pictures of visits. PostgreSQL where its address is known.
import { defineConfigNode, type ReadSecret } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { type Ledger, sharedLedger } from '@tapcase/ledger';
import { moneyJournal } from '../../money/journal.ts';
import { opening } from '../opening.ts';
import { pictureFolder } from '../pictures/folder.ts';
import type { PictureStoreConfig } from '../pictures/port.ts';
import { defaults, type LedgerConfig, type LedgerPort, parseConfig } from './contract.ts';

export default defineConfigNode<LedgerConfig, LedgerPort>({
  type: 'tapcase-ledger',
  secrets: ['url'],
  defaults,
  parseConfig,
  open: ({ file, pictures }, secret) => {
    const url = addressOf(secret);
    // The host speaks to the same ledger, about sessions and staff.
    if (url !== undefined) return withParts(sharedLedger({ url }), pictures);
    if (file === '') throw new Fault('ledger.no-file', 'neither a file nor the address of a database is given');
    return withParts(sharedLedger({ file }), pictures);
  },
  close: (ledger) => ledger.close(),
});

/** A deferred ledger takes every name for a call. */
function withParts(ledger: Ledger, config: PictureStoreConfig | Fault): LedgerPort {
  const journal = moneyJournal(ledger);
  const pictures = opening(config, pictureFolder);
  return new Proxy(ledger as LedgerPort, {
    get: (target, name) => {
      if (name === 'journal') return journal;
      return name === 'pictures' ? pictures() : target[name as keyof Ledger];
    },
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
