// The recorder's notes, a line of JSON each, the later one right: derived from the names, and rebuilt at every start.

import { asFields } from '@tapcase/define-node';
import { type Clip, isPinned, isVisit, parseSegmentName, type Segment, segmentFile, segmentKey } from '@tapcase/domain';

/** A pin that came before its visit. */
export interface AwaitedPin {
  readonly visit: string;
  readonly untilMs: number;
}

/** Since when the machine has been up, by its wall clock: moves only when that clock is put right. */
export interface BootClock {
  readonly boot: string;
  readonly bootAtMs: number;
}

export type NotedSegment = Pick<Segment, 'fromMs' | 'toMs' | 'boot'>;

export interface Manifest {
  /** By segmentKey, in the order of recording. */
  readonly segments: ReadonlyMap<string, NotedSegment>;
  readonly clips: readonly Clip[];
  readonly awaited: readonly AwaitedPin[];
  readonly clock: BootClock | undefined;
}

export function segmentLine(segment: Segment): string {
  const { camera, fromMs, toMs, bytes, marks, boot } = segment;
  return line({
    file: segmentFile(segment),
    camera,
    from: iso(fromMs),
    to: iso(toMs),
    bytes,
    visits: marks.map(({ visit }) => visit),
    pinned: isPinned(marks),
    boot,
  });
}

export const removedLine = (segment: Segment): string => line({ removed: segmentFile(segment) });

export function clipLine({ visit, fromMs, toMs, pinned, boot }: Clip): string {
  return line({ clip: visit, from: iso(fromMs), ...(toMs === undefined ? {} : { to: iso(toMs) }), pinned, boot });
}

export const keptLine = (visit: string): string => line({ kept: visit });
export const awaitedLine = ({ visit, untilMs }: AwaitedPin): string => line({ awaits: visit, until: iso(untilMs) });
export const clockLine = ({ boot, bootAtMs }: BootClock): string => line({ clock: boot, bootAt: iso(bootAtMs) });

/** What can be read of it; a line cut by a crash, or by anyone, is passed over. */
export function parseManifest(text: string): Manifest {
  const segments = new Map<string, NotedSegment>();
  const clips = new Map<string, Clip>();
  const awaited = new Map<string, AwaitedPin>();
  let clock: BootClock | undefined;
  for (const fields of text.split('\n').map(parseLine)) {
    const [fromMs, toMs] = [timeMs(fields.from), timeMs(fields.to)];
    const boot = typeof fields.boot === 'string' ? fields.boot : '';
    const key = keyOf(fields.file);
    const removed = keyOf(fields.removed);
    if (key !== undefined && fromMs !== undefined && toMs !== undefined) segments.set(key, { fromMs, toMs, boot });
    if (removed !== undefined) segments.delete(removed);
    if (isVisit(fields.clip) && fromMs !== undefined) {
      clips.set(fields.clip, { visit: fields.clip, fromMs, toMs, pinned: fields.pinned === true, boot });
      awaited.delete(fields.clip);
    }
    if (isVisit(fields.kept)) clips.delete(fields.kept);
    const untilMs = timeMs(fields.until);
    if (isVisit(fields.awaits) && untilMs !== undefined) awaited.set(fields.awaits, { visit: fields.awaits, untilMs });
    const bootAtMs = timeMs(fields.bootAt);
    if (typeof fields.clock === 'string' && bootAtMs !== undefined) clock = { boot: fields.clock, bootAtMs };
  }
  return { segments, clips: [...clips.values()], awaited: [...awaited.values()], clock };
}

function parseLine(text: string): Readonly<Record<string, unknown>> {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return {};
  }
}

function keyOf(file: unknown): string | undefined {
  const name = typeof file === 'string' ? parseSegmentName(file) : undefined;
  return name && segmentKey(name);
}

function timeMs(text: unknown): number | undefined {
  const ms = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const iso = (ms: number): string => new Date(ms).toISOString();
const line = (fields: object): string => `${JSON.stringify(fields)}\n`;
