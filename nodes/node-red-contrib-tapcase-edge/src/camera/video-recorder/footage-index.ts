// Finds out from the card what was recorded, and gives a file that is no longer written its final name.
import {
  type Clip,
  marksOf,
  parseSegmentName,
  type Segment,
  type SegmentName,
  segmentFile,
  segmentKey,
} from '@tapcase/domain';
import type { Card } from './card.ts';
import type { FootageOptions } from './footage-options.ts';
import { SEGMENT_SECONDS_MAX } from './limits.ts';
import type { Manifest } from './manifest.ts';

/** Asked of the card at once while the folder is read. */
const READS_AT_ONCE = 16;
/** How much later than asked a file may end: at the next key frame. */
const KEY_FRAME_MS_MAX = 10_000;
/** How much longer than it was watched a file may be: it is noticed a little late, and its name knows no fractions. */
const NOTICED_MS_MAX = 3_000;

/** The camera's segments in the order of recording. Files with no video go; files that are not ours are not looked at. */
export async function readFootage(
  options: FootageOptions,
  manifest: Manifest,
  clips: readonly Clip[],
): Promise<Segment[]> {
  const names = (await options.card.list())
    .map(parseSegmentName)
    .filter((name): name is SegmentName => name?.camera === options.camera);
  const closed: Segment[] = [];
  for (let start = 0; start < names.length; start += READS_AT_ONCE) {
    const portion = names.slice(start, start + READS_AT_ONCE).filter(({ seconds }) => seconds !== undefined);
    const found = await Promise.all(portion.map((name) => readClosed(options.card, name, manifest)));
    closed.push(...found.filter((segment) => segment !== undefined));
  }
  // Recorded before the manifest knew of them: by their names, which is all there is. Known ones come first.
  const places = new Map([...manifest.segments.keys()].map((key, place) => [key, place]));
  const placeOf = (segment: Segment) => places.get(segmentKey(segment)) ?? Number.POSITIVE_INFINITY;
  const byPlace = (a: Segment, b: Segment) =>
    placeOf(a) === placeOf(b) ? a.fromMs - b.fromMs : placeOf(a) - placeOf(b);
  const segments = (await withOwnKeys(options.card, closed)).sort(byPlace);
  for (const name of names.filter(({ seconds }) => seconds === undefined).sort((a, b) => a.startMs - b.startMs)) {
    const cut = { file: segmentFile(name), name, fromMs: name.startMs, boot: '', watchedMs: undefined };
    const segment = await closeSegment(options, cut, segments, clips);
    if (segment !== undefined) segments.push(segment);
  }
  return segments;
}

async function readClosed(card: Card, name: SegmentName, manifest: Manifest): Promise<Segment | undefined> {
  const file = segmentFile(name);
  const facts = await card.facts(file);
  if (facts === undefined) return undefined;
  if (facts.bytes === 0) {
    await card.remove(file);
    return undefined;
  }
  const seconds = name.seconds ?? 0;
  const byName = { fromMs: name.startMs, toMs: name.startMs + seconds * 1000, boot: '' };
  return { ...name, ...byName, ...manifest.segments.get(segmentKey(name)), seconds, bytes: facts.bytes };
}

/** Two files of one time differ in their copy number, whoever put the second one there: each must be able to go. */
async function withOwnKeys(card: Card, segments: readonly Segment[]): Promise<Segment[]> {
  const own: Segment[] = [];
  const taken = new Set<string>();
  for (const segment of segments) {
    const free = { ...segment, copy: freeCopy(segment, taken) };
    if (free.copy !== segment.copy) await card.rename(segmentFile(segment), segmentFile(free));
    taken.add(segmentKey(free));
    own.push(free);
  }
  return own;
}

interface CutFile {
  readonly file: string;
  readonly name: SegmentName;
  readonly fromMs: number;
  readonly boot: string;
  /** For how long it was seen being written, by a clock that nobody sets; undefined where nobody looked. */
  readonly watchedMs: number | undefined;
}

/** Renames the file to what it holds: its seconds and its visits. Undefined, and the file gone, where it shows nothing. */
export async function closeSegment(
  { card, clock, segmentSeconds }: FootageOptions,
  { file, name, fromMs, boot, watchedMs }: CutFile,
  others: readonly Segment[],
  clips: readonly Clip[],
): Promise<Segment | undefined> {
  const facts = await card.facts(file);
  if (facts === undefined) return undefined;
  if (!(await card.mend(file))) {
    await card.remove(file);
    return undefined;
  }
  const lengthMs =
    believableMs(facts.changedAtMs - fromMs, watchedMs) ??
    watchedMs ??
    believableMs(clock.nowMs() - fromMs, undefined) ??
    segmentSeconds * 1000;
  const toMs = fromMs + lengthMs;
  const copy = freeCopy(name, new Set(others.map(segmentKey)));
  const seconds = Math.max(1, Math.round((toMs - fromMs) / 1000));
  const times = { fromMs, toMs, bytes: facts.bytes, boot };
  const segment: Segment = { ...name, copy, seconds, ...times, marks: marksOf({ fromMs, toMs, marks: [] }, clips) };
  await card.rename(file, segmentFile(segment));
  return segment;
}

/** The clock may have been set in between: then no time that was read tells how long the file is. */
function believableMs(lengthMs: number, watchedMs: number | undefined): number | undefined {
  const longestMs =
    watchedMs === undefined ? SEGMENT_SECONDS_MAX * 1000 + KEY_FRAME_MS_MAX : watchedMs + NOTICED_MS_MAX;
  return lengthMs > 0 && lengthMs <= longestMs ? lengthMs : undefined;
}

function freeCopy(name: SegmentName, taken: ReadonlySet<string>): number {
  let { copy } = name;
  while (taken.has(segmentKey({ ...name, copy }))) copy += 1;
  return copy;
}
