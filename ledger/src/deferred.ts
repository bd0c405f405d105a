// Lets nodes hold the ledger before it is open: every call waits for that, and the next one tries again where it failed.
import type { Ledger } from './port.ts';

/**
 * Opens at once. A call fails with the Fault of the opening that it waited for; a database that was not there yet, or too
 * slow, when the cloud started is not missed for longer than that.
 */
export function deferred(open: () => Promise<Ledger>): Ledger {
  let opening: Promise<Ledger> | undefined;
  const opened = (): Promise<Ledger> => {
    if (opening !== undefined) return opening;
    const attempt = open();
    opening = attempt;
    // Each call reports the failure; without a handler here Node would end the process before the first one.
    attempt.catch(() => {
      opening = undefined;
    });
    return attempt;
  };
  void opened();
  return new Proxy({} as Ledger, {
    get: (_target, name) => {
      // A promise-like would be unwrapped by `await`.
      if (name === 'then') return undefined;
      return async (...values: unknown[]) => {
        // What is not open is not opened to be closed.
        if (name === 'close' && opening === undefined) return;
        const ledger = (await opened()) as unknown as Record<string | symbol, (...values: unknown[]) => unknown>;
        return ledger[name]!(...values);
      };
    },
  });
}
