// One open ledger for each place in this process, whoever asks for it: two connections to one SQLite file would block each
// other's transactions, and two pools to one PostgreSQL double what it must hold.
import { resolve } from 'node:path';
import { Fault } from '@tapcase/domain';
import { deferred } from './deferred.ts';
import { type LedgerPlace, openLedger } from './open.ts';
import type { Ledger } from './port.ts';

interface Shared {
  readonly ledger: Ledger;
  holders: number;
}

const shared = new Map<string, Shared>();

/** In memory each is its own. */
const IN_MEMORY = ':memory:';

/**
 * Open at once, as `deferred` is. Whoever closes theirs ends it for themselves; with the last one the ledger is closed. After
 * that `ledger.unavailable`.
 */
export function sharedLedger(place: LedgerPlace, open: (place: LedgerPlace) => Promise<Ledger> = openLedger): Ledger {
  if ('file' in place && place.file === IN_MEMORY) return deferred(() => open(place));
  const key = 'file' in place ? `file ${resolve(place.file)}` : `url ${place.url}`;
  const entry = shared.get(key) ?? { ledger: deferred(() => open(place)), holders: 0 };
  shared.set(key, entry);
  entry.holders += 1;
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    shared.delete(key);
    await entry.ledger.close();
  };
  return new Proxy(entry.ledger, {
    get: (ledger, name) => {
      if (name === 'close') return close;
      if (!isClosed || name === 'then') return ledger[name as keyof Ledger];
      return async () => {
        throw new Fault('ledger.unavailable', 'this ledger was closed');
      };
    },
  });
}
