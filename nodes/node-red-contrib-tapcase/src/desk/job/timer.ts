// When a job runs by itself: first some time after the start, then again and again, as an inject would have it.

export interface Timer {
  /** Unix milliseconds. */
  readonly nextAtMs: () => number;
  readonly stop: () => void;
}

/** `everyS` 0 is never. */
export function startTimer(
  { everyS, firstS }: { readonly everyS: number; readonly firstS: number },
  now: () => number,
  tick: () => void,
): Timer {
  let nextAtMs = now() + firstS * 1_000;
  let interval: NodeJS.Timeout | undefined;
  const run = () => {
    nextAtMs = now() + everyS * 1_000;
    tick();
  };
  const first = everyS === 0 ? undefined : setTimeout(begin, firstS * 1_000);
  function begin(): void {
    interval = setInterval(run, everyS * 1_000);
    run();
  }
  return {
    nextAtMs: () => nextAtMs,
    stop: () => {
      clearTimeout(first);
      clearInterval(interval);
    },
  };
}
