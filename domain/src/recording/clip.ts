// Which video belongs to a visit, from some seconds before it to some seconds after.
import type { Segment } from './ring.ts';
import { MARKS_MAX, type Mark } from './segment-name.ts';

/** A visit whose last file is not closed yet. */
export interface Clip {
  readonly visit: string;
  /** Unix milliseconds, the pre-roll included. */
  readonly fromMs: number;
  /** The post-roll included; undefined while the visit lasts. */
  readonly toMs: number | undefined;
  readonly pinned: boolean;
  readonly boot: string;
}

/** A door may stand open for half an hour before the visit is given up; one whose end never came must not claim the ring. */
export const CLIP_MS_MAX = 35 * 60_000;
/** A case has one visit at a time; eight leave room for ends that are late or lost. */
export const CLIPS_MAX = 8;

/** The open clip that is ended for want of its end. */
export function endOverdue(clip: Clip, nowMs: number): Clip {
  const latestMs = clip.fromMs + CLIP_MS_MAX;
  return clip.toMs === undefined && nowMs > latestMs ? { ...clip, toMs: latestMs } : clip;
}

/** Whether nothing more can come: its time is over and the file being written, if any, began after it. */
export function isComplete({ toMs }: Clip, openFromMs: number | undefined, nowMs: number): boolean {
  return toMs !== undefined && nowMs >= toMs && (openFromMs === undefined || openFromMs >= toMs);
}

/**
 * The segment's marks with those of `clips` that it shows something of. A segment is never cut for a visit: it carries all
 * whose time it touches, in the order in which they began, at most eight.
 */
export function marksOf(segment: Pick<Segment, 'fromMs' | 'toMs' | 'marks'>, clips: readonly Clip[]): readonly Mark[] {
  const marks = new Map(segment.marks.map((mark) => [mark.visit, mark]));
  for (const { visit, fromMs, toMs, pinned } of clips) {
    if (segment.fromMs >= (toMs ?? Number.POSITIVE_INFINITY) || segment.toMs <= fromMs) continue;
    marks.set(visit, { visit, pinned: pinned || (marks.get(visit)?.pinned ?? false) });
  }
  return [...marks.values()].slice(0, MARKS_MAX);
}

export function pinMark(marks: readonly Mark[], visit: string, pinned: boolean): readonly Mark[] {
  return marks.map((mark) => (mark.visit === visit ? { visit, pinned } : mark));
}

/** What is told of a visit's video once it is complete. */
export interface KeptClip {
  readonly name: string;
  readonly action: 'kept';
  readonly camera: string;
  /** Names in the folder, in the order in which they were recorded. */
  readonly files: readonly string[];
  /** What the files cover; where there are none, what was asked for. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bytes: number;
  readonly pinned: boolean;
}
