// How the demo waits: as long as the person does. A busy machine takes its time, and Ctrl-C is always there.
import { setTimeout as pause } from 'node:timers/promises';

/** After so long, and as often, a person wants to read what is being waited for. */
const WORD_MS = 30_000;
const LOOK_MS = 50;

/** What `promise` gives; meanwhile says on the terminal what it is that does not come. */
export async function patiently<T>(what: string, promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => console.error(`demo: still waiting for ${what}. Ctrl-C gives up.`), WORD_MS);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}

/** Looks until there is something; for what nobody announces. */
export function seen<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const lookOn = async (): Promise<T> => {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await pause(LOOK_MS);
    }
  };
  return patiently(what, lookOn());
}
