// Lets nodes hold the ledger before its migrations have run: every method waits for the database to be open.
import type { Ledger } from '../store/port.ts';

/** A ledger whose every call waits for `opening`, and fails with its Fault where it could not be opened. */
export function deferred(opening: Promise<Ledger>): Ledger {
  // Each call reports the failure; without a handler here Node would end the process before the first one.
  opening.catch(() => {});
  return new Proxy({} as Ledger, {
    get: (_target, name) => {
      // A promise-like would be unwrapped by `await`.
      if (name === 'then') return undefined;
      return async (...values: unknown[]) => {
        const ledger = (await opening) as unknown as Record<string | symbol, (...values: unknown[]) => unknown>;
        return ledger[name]!(...values);
      };
    },
  });
}
