// How tests wait. A guard only names what hung: it is minutes long, so that no busy machine ever meets it. Whoever waits
// awaits an event; `until` is for what tells nobody. No other file of the tests holds a time limit (test/rules.spec.ts).
import type { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** For one thing that a test waits for, so that it fails with the name of what never came. */
export const HANG_MS = 300_000;
/** For a whole test or hook, mocha’s own limit: above the named guards, so that the name is told. A simulated week took ten minutes where forty others ran. */
export const TEST_HANG_MS = 1_800_000;
/** How often `until` looks. */
const LOOK_MS = 25;

/** What `promise` gives, or an error that names `what` never came. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), HANG_MS);
  });
  try {
    return await Promise.race([promise, hung]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks until the answer is neither undefined nor false, and gives it; for what no event announces. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (const untilMs = performance.now() + HANG_MS; performance.now() < untilMs; await pause(LOOK_MS)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

/**
 * Resolves when it has closed, a reset included: whoever lets go of a socket with words unread resets it, and which words that
 * are, only the machine's speed decides. The promise of `events.once` rejects there, and where nobody awaits it yet ends the run.
 */
export function closed(socket: EventEmitter): Promise<void> {
  socket.on('error', () => {});
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}
