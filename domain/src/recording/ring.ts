// Which recorded files go: the oldest closed first, by age and by bytes; pinned ones by their own.
import type { Mark, SegmentName } from './segment-name.ts';

/** A closed file. */
export interface Segment extends SegmentName {
  readonly seconds: number;
  /** Unix milliseconds, on the clock as it is known today: a clock that was wrong in this boot is put right. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bytes: number;
  /** Which boot of the machine closed it; '' where nobody knows. */
  readonly boot: string;
}

export interface RingLimits {
  readonly ringBytes: number;
  readonly ringMs: number;
  /** Of all pinned segments together. */
  readonly pinBytes: number;
  readonly pinMs: number;
  /** What stays free on the card for everything else. */
  readonly reserveBytes: number;
}

/** What the ring knows of time and space at one moment. */
export interface RingNow {
  readonly nowMs: number;
  readonly boot: string;
  /** For how long the recorder has been running: what it found at its start is at least that old. */
  readonly watchedMs: number;
  /** Of the file that is being written; it counts and never goes. */
  readonly openBytes: number;
  readonly freeBytes: number;
}

export interface RingPlan {
  readonly remove: readonly Segment[];
  /** Visits whose pin ends, oldest first; their files are the ring's from then on. */
  readonly unpin: readonly string[];
  /** Those of them that had not had their time: the quota was full. */
  readonly evicted: readonly string[];
  /** The reserve is not reached although everything that may go is gone. */
  readonly full: boolean;
}

/** A time before it is one of a clock that nobody has set: a Pi has no battery for its own. */
const CLOCK_SET_MS = Date.UTC(2025, 0, 1);
/** How far a file may lie ahead before its time is taken for wrong: two machines' clocks differ by less. */
const AHEAD_MS_MAX = 120_000;

/**
 * `segments` in the order in which they were recorded, which is not that of their names where the clock jumped. The oldest
 * is the first.
 */
export function planRing(segments: readonly Segment[], limits: RingLimits, now: RingNow): RingPlan {
  const { unpin, evicted } = planPins(segments, limits, now);
  const ended = new Set(unpin);
  const ring = segments.filter(({ marks }) => !isPinned(marks, ended));
  let bytes = ring.reduce((sum, segment) => sum + segment.bytes, now.openBytes);
  let freeBytes = now.freeBytes;
  const remove = ring.filter((segment) => {
    const goes = ageMs(segment, now) > limits.ringMs || bytes > limits.ringBytes || freeBytes < limits.reserveBytes;
    if (!goes) return false;
    bytes -= segment.bytes;
    freeBytes += segment.bytes;
    return true;
  });
  return { remove, unpin, evicted, full: freeBytes < limits.reserveBytes };
}

/**
 * The clock of this boot was `deltaMs` behind: what was recorded on it moves along. What an earlier boot recorded stays: of
 * its clock nobody knows anything.
 */
export function shiftClock<
  T extends { readonly boot: string; readonly fromMs: number; readonly toMs?: number | undefined },
>(item: T, boot: string, deltaMs: number): T {
  if (item.boot !== boot) return item;
  const toMs = item.toMs === undefined ? {} : { toMs: item.toMs + deltaMs };
  return { ...item, fromMs: item.fromMs + deltaMs, ...toMs };
}

/**
 * A file of another boot whose time lies ahead, or before any clock was set, has no time that can be believed: its age is
 * how long we have been watching it. So it neither goes at once nor stays for ever.
 */
export function ageMs({ boot, toMs }: Pick<Segment, 'boot' | 'toMs'>, now: RingNow): number {
  const ageMs = now.nowMs - toMs;
  if (boot === now.boot) return Math.max(0, ageMs);
  const isBelievable = toMs >= CLOCK_SET_MS && ageMs >= -AHEAD_MS_MAX;
  return isBelievable ? Math.max(0, ageMs) : now.watchedMs;
}

export function isPinned(marks: readonly Mark[], except: ReadonlySet<string> = new Set()): boolean {
  return marks.some(({ visit, pinned }) => pinned && !except.has(visit));
}

function planPins(
  segments: readonly Segment[],
  { pinBytes, pinMs }: RingLimits,
  now: RingNow,
): { readonly unpin: readonly string[]; readonly evicted: readonly string[] } {
  const ended = new Set<string>();
  const evicted: string[] = [];
  const pinned = segments.filter(({ marks }) => isPinned(marks));
  // A visit is as old as its last file: it goes as a whole.
  const lastOf = new Map<string, Segment>();
  for (const segment of pinned) {
    for (const mark of segment.marks) if (mark.pinned) lastOf.set(mark.visit, segment);
  }
  for (const [visit, last] of lastOf) {
    const isOld = ageMs(last, now) > pinMs;
    const isTooMuch =
      pinned.filter(({ marks }) => isPinned(marks, ended)).reduce((sum, { bytes }) => sum + bytes, 0) > pinBytes;
    if (!isOld && !isTooMuch) continue;
    ended.add(visit);
    if (!isOld) evicted.push(visit);
  }
  return { unpin: [...ended], evicted };
}
