// How often somebody may do a thing: so many at once, and then as many as come back in time.

export interface RoomLimits {
  /** At once, after a pause. */
  readonly burst: number;
  /** What comes back in a second. */
  readonly perSecond: number;
}

export interface Room {
  /** Whether there is room for one more; it takes it. `cost`: of what weighs as much as several. */
  take(key: string, cost?: number): boolean;
}

interface Entry {
  left: number;
  atMs: number;
}

/** Who is remembered; beyond that, those go whose room has come back whole, which loses nothing. */
const KEYS_MAX = 1_000;

export function roomFor({ burst, perSecond }: RoomLimits, now: () => number = () => performance.now()): Room {
  const entries = new Map<string, Entry>();
  const leftOf = ({ left, atMs }: Entry, nowMs: number) =>
    Math.min(burst, left + (Math.max(0, nowMs - atMs) * perSecond) / 1_000);
  const forgetWhole = (nowMs: number) => {
    for (const [key, entry] of entries) if (leftOf(entry, nowMs) === burst) entries.delete(key);
    // All of them busy within a few seconds: whoever was so first begins anew.
    if (entries.size >= KEYS_MAX) entries.delete(entries.keys().next().value!);
  };
  return {
    take: (key, cost = 1) => {
      const nowMs = now();
      const known = entries.get(key);
      if (known === undefined && entries.size >= KEYS_MAX) forgetWhole(nowMs);
      const left = known === undefined ? burst : leftOf(known, nowMs);
      const isRoom = left >= cost;
      entries.set(key, { left: isRoom ? left - cost : left, atMs: nowMs });
      return isRoom;
    },
  };
}
