// Makes a vision report that fits into one frame, giving up the least telling parts first.
import { type CameraLooks, isLabel, writeCompact } from '../protocol/compact-counts.ts';
import { FRAME_BYTES_MAX } from '../protocol/envelope.ts';
import type { Unnumbered, VisionReport } from '../protocol/payloads.ts';
import { type Counts, countIn, type Scores } from './counts.ts';
import type { SceneDifference } from './scene.ts';

/** A report before the queue gives it number, time and the epoch of its numbers. */
export type VisionFinding = Omit<Unnumbered<VisionReport>, 'at' | 'epoch'>;

export interface ReportInput {
  readonly visitId: string;
  /** First 12 hex digits of the model file's SHA-256; null where none ran. */
  readonly model: string | null;
  readonly difference: SceneDifference;
  /** From the wish to look until the last camera's answer. */
  readonly ms: number;
  /** Why there is nothing to see; null when there is. */
  readonly fault: string | null;
}

/** A frame less the separator, the MAC and `,"epoch":"<16 digits>","seq":<13 digits>,"at":<10 digits>`. */
export const FINDING_BYTES_MAX = FRAME_BYTES_MAX - 65 - 63;

/** A label without a score was seen at least this surely; the reconciler asks no more (its faintScore is 0.9). */
const SURE_SCORE = 0.95;

/** The wire's limit (see VisionReport). */
const COUNT_MAX = 999;

type Seen = Pick<VisionFinding, 'before' | 'after' | 'cameras' | 'counts' | 'scores' | 'partial'>;

/**
 * The report, at most FINDING_BYTES_MAX long as compact JSON: the counts as they are, or the same in the compact form, or
 * what is left when the rest does not fit (see `shorter`), then with `partial`. A report with a fault carries no counts:
 * nobody is charged on it.
 */
export function visionReport({ visitId, model, difference, ms, fault }: ReportInput): VisionFinding {
  const looks = looksOf(difference);
  const scores = Object.fromEntries(Object.entries(difference.scores).filter(([, score]) => score < SURE_SCORE));
  const attempts = fault === null ? ways(looks, scores) : [plain([], {})].values();
  for (const { partial, ...seen } of attempts) {
    const report: VisionFinding = {
      type: 'report',
      id: visitId,
      model,
      ...seen,
      ms: Math.max(0, Math.round(ms)),
      ...(partial === true ? { partial } : {}),
      ...(fault === null ? {} : { fault }),
    };
    if (utf8Length(JSON.stringify(report)) <= FINDING_BYTES_MAX) return report;
  }
  throw new Error('a report without a single count must fit');
}

/** From the longest to the shortest. */
function* ways(looks: readonly CameraLooks[], scores: Scores): Generator<Seen> {
  yield plain(looks, scores);
  if (looks.length === 0) return;
  yield compact(looks, labelsOf(looks), scores);
  yield* shorter(looks, scores);
}

/**
 * Without what no camera saw change and all counted alike; without all that did not change. Then
 * without the camera that saw most change: one that was covered or pushed sees everything change, and says the least. Of
 * the last camera's changes the smallest go.
 */
function* shorter(looks: readonly CameraLooks[], scores: Scores): Generator<Seen> {
  const partial = true;
  const all = labelsOf(looks);
  const changed = changedOf(looks);
  const telling = all.filter((label) => changed.includes(label) || !isSeenAlike(looks, label));
  yield { ...compact(looks, all, scores), partial };
  yield { ...compact(looks, telling, scores), partial };
  yield { ...compact(looks, changed, scores), partial };
  if (looks.length > 1) return yield* shorter(withoutWorst(looks), scores);
  for (let kept = changed.length - 1; kept >= 0; kept -= 1)
    yield { ...compact(looks, changed.slice(0, kept), scores), partial };
}

function plain(looks: readonly CameraLooks[], scores: Scores): Seen {
  return {
    before: Object.fromEntries(looks.map(({ camera, before }) => [camera, before])),
    after: Object.fromEntries(looks.map(({ camera, after }) => [camera, after])),
    ...(Object.keys(scores).length === 0 ? {} : { scores: { ...scores } }),
  };
}

function compact(looks: readonly CameraLooks[], labels: readonly string[], scores: Scores): Seen {
  const { cameras, counts } = writeCompact(looks, labels, scores);
  return { cameras: [...cameras], counts: { ...counts } as NonNullable<Seen['counts']> };
}

/** Without what no report can carry: a label that is a reserved word, a count above its limit. */
function looksOf({ before, after }: SceneDifference): CameraLooks[] {
  const narrow = (counts: Counts) =>
    Object.fromEntries(
      Object.entries(counts).flatMap(([label, count]) => (isLabel(label) ? [[label, Math.min(COUNT_MAX, count)]] : [])),
    );
  return Object.entries(before).flatMap(([camera, early]) =>
    Object.hasOwn(after, camera) ? [{ camera, before: narrow(early), after: narrow(after[camera]!) }] : [],
  );
}

function labelsOf(looks: readonly CameraLooks[]): string[] {
  return [...new Set(looks.flatMap(({ before, after }) => [...Object.keys(before), ...Object.keys(after)]))].sort();
}

/** The largest change first. */
function changedOf(looks: readonly CameraLooks[]): string[] {
  return labelsOf(looks)
    .map((label) => ({ label, pieces: looks.reduce((sum, look) => sum + changeOf(look, label), 0) }))
    .filter(({ pieces }) => pieces > 0)
    .sort((a, b) => b.pieces - a.pieces)
    .map(({ label }) => label);
}

function changeOf({ before, after }: CameraLooks, label: string): number {
  return Math.abs(countIn(after, label) - countIn(before, label));
}

function isSeenAlike([first, ...others]: readonly CameraLooks[], label: string): boolean {
  return others.every(({ before }) => countIn(before, label) === countIn(first!.before, label));
}

function withoutWorst(looks: readonly CameraLooks[]): CameraLooks[] {
  const changes = looks.map((look) => labelsOf([look]).reduce((sum, label) => sum + changeOf(look, label), 0));
  const worst = changes.lastIndexOf(Math.max(...changes));
  return looks.filter((_, at) => at !== worst);
}

/** Bytes of `text` in UTF-8. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
