// When a process of ours counts as hung: its event loop beats, and whoever started it listens.
import { readFileSync } from 'node:fs';

/** How often a loop says that it turns. */
const BEAT_MS = 1_000;
/**
 * Milliseconds without a beat after which no loop comes back by itself. A Deploy on a Pi and a slow card's fsync (SQLite waits for
 * it in the loop) take up to some seconds; a function's own endless loop takes for ever.
 */
export const HUNG_MS_MAX = 15_000;
/**
 * So much of the limit an endless loop has computed by then. Less, and it is the machine that has no time for it: half a second
 * of work takes half a minute where forty others want the same processor, and whoever only listens is never late there.
 */
const BURNT_SHARE = 2 / 3;
/** So many limits long a process may stand without computing: it waits for a disk, or for a lock that nobody opens. */
const STILL_LIMITS = 8;
const LOOK_MS = 1_000;
/** A listener that itself looks so much later than it meant to has slept or starved, and so has whoever it listens to. */
const LATE_MS_MAX = 1_000;
/** Of /proc/<pid>/stat (proc_pid_stat(5)): USER_HZ is 100 on every Linux that Node.js runs on. */
const CLOCK_TICK_MS = 10;

/** The process of a role: from now on, until it ends. */
export function beat(): void {
  const say = () => process.connected && process.send?.({ kind: 'alive' }, () => {});
  say();
  setInterval(say, BEAT_MS).unref();
}

export function isBeat(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'alive';
}

export interface Listening {
  heard(): void;
  stop(): void;
}

/** Calls `hung` once where process `pid` sends no beat for `hungMs`. */
export function listenForBeats(pid: number, hungMs: number, hung: () => void): Listening {
  const silence = silenceSince(performance.now(), hungMs);
  const timer = setInterval(() => {
    if (!silence.isTooLong(performance.now(), computedMs(pid))) return;
    clearInterval(timer);
    hung();
  }, LOOK_MS);
  timer.unref();
  return { heard: () => silence.heard(performance.now()), stop: () => clearInterval(timer) };
}

/** Processor time that a process has had; undefined where the system does not tell (it is Linux that does). */
function computedMs(pid: number): number | undefined {
  try {
    // Its second field is a name and may hold anything; these are the 14th and 15th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
  } catch {
    return undefined;
  }
}

export interface Silence {
  heard(nowMs: number): void;
  /** Asked every second, with the processor time of whoever is silent. */
  isTooLong(nowMs: number, computedMs: number | undefined): boolean;
}

/** The count itself, in milliseconds of any clock that never goes back. */
export function silenceSince(startMs: number, hungMs: number): Silence {
  let heardMs = startMs;
  let lookedMs = startMs;
  /** At the first look of this silence. */
  let computedBefore: number | undefined;
  return {
    heard: (nowMs) => {
      heardMs = nowMs;
      computedBefore = undefined;
    },
    isTooLong: (nowMs, computed) => {
      // A machine that slept or is too busy for us has not let it beat either: the count begins again.
      if (nowMs - lookedMs > LOOK_MS + LATE_MS_MAX) heardMs = nowMs;
      lookedMs = nowMs;
      computedBefore ??= computed;
      const silentMs = nowMs - heardMs;
      if (silentMs <= hungMs) return false;
      if (computed === undefined || computedBefore === undefined) return true;
      return computed - computedBefore >= hungMs * BURNT_SHARE || silentMs > hungMs * STILL_LIMITS;
    },
  };
}
