// Which visits' pictures the cloud wants, what of them it has, and how long they are looked for. Pure; the caller keeps it
// on disk.

import { asFields } from '@tapcase/define-node';
import { VISIT_ID } from '@tapcase/domain';

export interface Wanted {
  readonly visit: string;
  readonly sinceMs: number;
  /** Files that the cloud has, or will never take. */
  readonly done: readonly string[];
}

export interface Queue {
  readonly wanted: readonly Wanted[];
}

export const EMPTY: Queue = { wanted: [] };
/** A hundred doubtful visits while the network is away is a broken case, not a bad day. */
export const WANTED_MAX = 200;
/** As many as the cloud keeps of one visit; whatever else a file says is not believed. */
const DONE_MAX = 64;
/** A keep may come before the last picture was taken: a door held open, a slow detector. */
export const LOOK_MS = 600_000;
/** Pictures that could not be sent for a week have gone from the card. */
export const GIVE_UP_MS = 7 * 86_400_000;

/** What was kept, as far as it can be read. */
export function restoreQueue(kept: unknown): Queue {
  const { wanted } = asFields(kept);
  if (!Array.isArray(wanted)) return EMPTY;
  const readable = wanted.flatMap((entry): Wanted[] => {
    const { visit, sinceMs, done } = asFields(entry);
    if (typeof visit !== 'string' || !VISIT_ID.test(visit) || !Number.isSafeInteger(sinceMs)) return [];
    const names = Array.isArray(done) ? done.filter((name) => typeof name === 'string').slice(0, DONE_MAX) : [];
    return [{ visit, sinceMs: sinceMs as number, done: names }];
  });
  return { wanted: readable.slice(-WANTED_MAX) };
}

/** Once for each visit; `dropped` is the oldest, which a full queue gives up. */
export function want(queue: Queue, visit: string, nowMs: number): { readonly queue: Queue; readonly dropped?: string } {
  if (queue.wanted.some((entry) => entry.visit === visit)) return { queue };
  const wanted = [...queue.wanted, { visit, sinceMs: nowMs, done: [] }];
  if (wanted.length <= WANTED_MAX) return { queue: { wanted } };
  return { queue: { wanted: wanted.slice(1) }, dropped: wanted[0]!.visit };
}

export function markDone(queue: Queue, visit: string, file: string): Queue {
  return {
    wanted: queue.wanted.map((entry) =>
      entry.visit === visit ? { ...entry, done: [...entry.done, file].slice(-DONE_MAX) } : entry,
    ),
  };
}

export function drop(queue: Queue, visit: string): Queue {
  return { wanted: queue.wanted.filter((entry) => entry.visit !== visit) };
}

/**
 * What to do about a visit of which `files` are on the card: send one of them, look again later, or be done with it. A
 * clock that was set back must not make a visit wait for ever.
 */
export function nextOf(
  { sinceMs, done }: Wanted,
  files: readonly string[],
  nowMs: number,
):
  | { readonly kind: 'send'; readonly file: string }
  | { readonly kind: 'look-again' | 'finished' | 'missing' | 'too-late' } {
  const ageMs = Math.abs(nowMs - sinceMs);
  const file = files.find((name) => !done.includes(name));
  if (file !== undefined) return ageMs > GIVE_UP_MS ? { kind: 'too-late' } : { kind: 'send', file };
  if (ageMs <= LOOK_MS) return { kind: 'look-again' };
  return { kind: done.length === 0 ? 'missing' : 'finished' };
}

const RETRY_MS_MIN = 5_000;
const RETRY_MS_MAX = 600_000;

/** How long the cloud is left alone after so many tries in a row that failed. */
export function retryAfterMs(tries: number): number {
  return Math.min(RETRY_MS_MIN * 2 ** Math.max(0, tries - 1), RETRY_MS_MAX);
}
