// Decides which picture is looked at next, and which is given up: evidence of a visit in order and before all live ones,
// of each live camera only the newest.

/** A picture that waits. `lane` null: evidence. Otherwise a live camera, which has one place. */
export interface Waits {
  readonly lane: string | null;
}

/** Two cameras before and after are four, of two visits eight; a longer queue would only make every answer late. */
export const EVIDENCE_MAX = 8;
/** A Pi has two cameras; another few may be shown to it. */
export const LANES_MAX = 8;

export interface WaitingLine<T extends Waits> {
  /** Takes a picture; returns the one that is given up for it, if any. */
  add(picture: T): T | undefined;
  next(): T | undefined;
  /** Takes out all that wait. */
  clear(): T[];
}

export function waitingLine<T extends Waits>(): WaitingLine<T> {
  const evidence: T[] = [];
  // In the order in which the cameras began to wait: a newer picture takes its camera's place, so none is passed over.
  const live = new Map<string, T>();
  return {
    add(picture) {
      if (picture.lane === null) return evidence.push(picture) > EVIDENCE_MAX ? evidence.shift() : undefined;
      const older = live.get(picture.lane);
      live.set(picture.lane, picture);
      return older ?? (live.size > LANES_MAX ? takeFirst(live) : undefined);
    },
    next: () => evidence.shift() ?? takeFirst(live),
    clear() {
      const all = [...evidence.splice(0), ...live.values()];
      live.clear();
      return all;
    },
  };
}

function takeFirst<T>(live: Map<string, T>): T | undefined {
  for (const [lane, picture] of live) {
    live.delete(lane);
    return picture;
  }
  return undefined;
}
