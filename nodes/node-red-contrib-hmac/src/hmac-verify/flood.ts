// Bounds what refused frames cost: each is a fault, with a line in the log and a row that is counted, and whoever has stolen one
// account at the broker can send thousands a second.
import { Fault } from '@tapcase/domain';

/** Told one by one, of a topic in a window. A device that was given another key sends one every few seconds. */
export const TOLD_MAX = 20;
const WINDOW_MS = 10_000;
/** A shop's cases have three each; beyond that the oldest is forgotten, and told again. */
const TOPICS_MAX = 2_000;

interface Window {
  readonly sinceMs: number;
  refused: number;
}

export interface Refusals {
  /** The fault itself; once in a window that there are too many; undefined for those that are not told. */
  told(topic: string, fault: Fault, nowMs: number): Fault | undefined;
}

export function refusals(): Refusals {
  const windows = new Map<string, Window>();
  const windowOf = (topic: string, nowMs: number): Window => {
    const known = windows.get(topic);
    if (known !== undefined && Math.abs(nowMs - known.sinceMs) < WINDOW_MS) return known;
    const begun = { sinceMs: nowMs, refused: 0 };
    windows.delete(topic);
    if (windows.size >= TOPICS_MAX) windows.delete(windows.keys().next().value!);
    windows.set(topic, begun);
    return begun;
  };
  return {
    told: (topic, fault, nowMs) => {
      const window = windowOf(topic, nowMs);
      window.refused += 1;
      if (window.refused <= TOLD_MAX) return fault;
      if (window.refused > TOLD_MAX + 1) return undefined;
      return new Fault('frame.flood', 'so many frames are refused that no more of them are told for ten seconds', {
        topic,
      });
    },
  };
}
