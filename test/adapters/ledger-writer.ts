// Writes to the ledger named by its argument until it is killed, and prints each number once it is committed.
import { openLedger } from '../../ledger/src/open.ts';

const ledger = await openLedger({ file: process.argv[2]! });
for (;;) {
  const count = await ledger.countFault('written.once', Date.now());
  process.stdout.write(`${count}\n`);
}
