// The one clock of the proof: shop, cases and Stripe are moved together, and only as fast as the shop keeps up. On a busy
// machine a second of it lasts longer, so no deadline passes because the machine was slow.
import { setTimeout } from 'node:timers/promises';

export interface Clock {
  nowMs(): number;
  seconds(): number;
  /** Moves it, and calls whoever waited for that. */
  advance(ms: number): void;
  /** Resolves when so much of its time has gone by. */
  wait(ms: number): Promise<void>;
  /** Again and again until what it returns is called; once for all that a leap has passed over. */
  every(ms: number, act: () => void): () => void;
}

interface Waiting {
  readonly atMs: number;
  readonly call: () => void;
}

export function createClock(): Clock {
  let nowMs = Date.now();
  const waiting = new Set<Waiting>();
  const once = (ms: number, call: () => void) => void waiting.add({ atMs: nowMs + ms, call });
  return {
    nowMs: () => nowMs,
    seconds: () => Math.floor(nowMs / 1_000),
    advance: (ms) => {
      nowMs += ms;
      for (const each of [...waiting]) {
        if (each.atMs > nowMs || !waiting.delete(each)) continue;
        each.call();
      }
    },
    wait: (ms) => new Promise((resolve) => once(ms, resolve)),
    every: (ms, act) => {
      let isStopped = false;
      const again = () => {
        if (isStopped) return;
        act();
        once(ms, again);
      };
      once(ms, again);
      return () => {
        isStopped = true;
      };
    },
  };
}

/** A step of the clock; on an idle machine its time is nearly the wall's. */
const STEP_MS = 50;

/**
 * Lets time go on in small steps until `isOver`. `keepsUp` tells everybody the new time and resolves when they have taken
 * it, with whatever waited before it; while there is nobody to tell (`false`), time stands.
 */
export async function runClock(clock: Clock, keepsUp: () => Promise<boolean>, isOver: () => boolean): Promise<void> {
  for (let isHeard = false; !isOver(); await setTimeout(STEP_MS)) {
    if (isHeard) clock.advance(STEP_MS);
    isHeard = await keepsUp();
  }
}
