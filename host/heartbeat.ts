// When a process of ours counts as hung: its event loop beats, and whoever started it listens.

/** How often a loop says that it turns. */
const BEAT_MS = 1_000;
/**
 * So long without a beat, and no loop comes back by itself: one that is ended sooner was only busy. A Deploy on a Pi and a slow
 * card's fsync (SQLite waits for it in the loop) take up to some seconds; a function's own endless loop takes for ever.
 */
export const HUNG_MS_MAX = 15_000;
const LOOK_MS = 1_000;
/** A listener that itself looks so much later than it meant to has slept or starved, and so has whoever it listens to. */
const LATE_MS_MAX = 1_000;

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

/** Calls `hung` once where no beat comes for `hungMs`. */
export function listenForBeats(hungMs: number, hung: () => void): Listening {
  const silence = silenceSince(performance.now(), hungMs);
  const timer = setInterval(() => {
    if (!silence.isTooLong(performance.now())) return;
    clearInterval(timer);
    hung();
  }, LOOK_MS);
  timer.unref();
  return { heard: () => silence.heard(performance.now()), stop: () => clearInterval(timer) };
}

/** The count itself, in milliseconds of any clock that never goes back. `isTooLong` is asked every second. */
export function silenceSince(startMs: number, hungMs: number) {
  let heardMs = startMs;
  let lookedMs = startMs;
  return {
    heard: (nowMs: number): void => {
      heardMs = nowMs;
    },
    isTooLong: (nowMs: number): boolean => {
      // A machine that slept or is too busy for us has not let it beat either: the count begins again.
      if (nowMs - lookedMs > LOOK_MS + LATE_MS_MAX) heardMs = nowMs;
      lookedMs = nowMs;
      return nowMs - heardMs > hungMs;
    },
  };
}
