// Stripe's own clock, as the `Date` of its answers tells it. Ours can be set, and stands still in a machine that sleeps.

/** What has passed since some moment: by the clock that nobody sets, and by the one that goes on while a machine sleeps. */
export interface Stopwatch {
  /** The longer of the two; ms. */
  elapsedMs(): number;
}

/** A clock that is set back counts for nothing, one that is set ahead makes us careful once. */
export function stopwatch(): Stopwatch {
  const monotonic = monotonicMs();
  const wall = Date.now();
  return { elapsedMs: () => Math.max(monotonicMs() - monotonic, Date.now() - wall) };
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

export interface StripeClock {
  /** An answer came; its headers in small letters. False where they tell no time of Stripe's. */
  heard(headers: Readonly<Record<string, unknown>>): boolean;
  /** Unix ms, rather late than early; undefined while Stripe has said nothing. */
  nowMs(): number | undefined;
}

/** Seconds is all that the header tells. */
const DATE_STEP_MS = 1_000;

export function stripeClock(): StripeClock {
  let last: { readonly atMs: number; readonly since: Stopwatch } | undefined;
  const nowMs = () => (last === undefined ? undefined : last.atMs + last.since.elapsedMs());
  return {
    nowMs,
    heard: (headers) => {
      const toldMs = Date.parse(String(headers.date));
      // Only what Stripe itself has answered: a server on the way has another clock.
      if (headers['request-id'] === undefined || !Number.isFinite(toldMs)) return false;
      const atMs = toldMs + DATE_STEP_MS;
      // Their servers differ by a little: the latest counts.
      if (last === undefined || atMs > last.atMs) last = { atMs, since: stopwatch() };
      return true;
    },
  };
}
