// Makes a vision report that fits into one frame, giving up the least telling parts first.
import { FRAME_BYTES_MAX } from '../protocol/envelope.ts';
import type { Unnumbered, VisionReport } from '../protocol/payloads.ts';
import type { Removed, SceneDifference } from './scene.ts';

/** A report before the queue gives it number and time. */
export type VisionFinding = Omit<Unnumbered<VisionReport>, 'at'>;

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

/** A frame less the separator, the MAC and `,"seq":<16 digits>,"at":<10 digits>`. */
export const FINDING_BYTES_MAX = FRAME_BYTES_MAX - 65 - 40;

/** The wire's limits (see VisionReport). */
const COUNT_MAX = 999;

/**
 * The report, at most FINDING_BYTES_MAX long as compact JSON. When too long it loses first the counts of what did not
 * change, then all counts, then the smallest changes. A report with a fault carries no change: nobody is charged on it.
 */
export function visionReport({ visitId, model, difference, ms, fault }: ReportInput): VisionFinding {
  const removed = fault === null ? difference.removed.map(capped) : [];
  const changed = new Set(removed.map(([label]) => label));
  const none = { before: {}, after: {} };
  const make = (views: Views, changes: readonly Removed[]): VisionFinding => ({
    type: 'report',
    id: visitId,
    model,
    before: views.before,
    after: views.after,
    removed: changes.map((change) => [...change]),
    ms: Math.max(0, Math.round(ms)),
    ...(fault === null ? {} : { fault }),
  });
  const attempts = [
    () =>
      make(
        only(difference, () => true),
        removed,
      ),
    () =>
      make(
        only(difference, (label) => changed.has(label)),
        removed,
      ),
    ...removed.map((_, cut) => () => make(none, removed.slice(0, removed.length - cut))),
  ];
  for (const attempt of attempts) {
    const report = attempt();
    if (utf8Length(JSON.stringify(report)) <= FINDING_BYTES_MAX) return report;
  }
  return make(none, []);
}

type Views = Pick<VisionFinding, 'before' | 'after'>;

function only(difference: SceneDifference, keeps: (label: string) => boolean): Views {
  const narrow = (views: SceneDifference['before']) =>
    Object.fromEntries(
      Object.entries(views).map(([camera, counts]) => [
        camera,
        Object.fromEntries(
          Object.entries(counts)
            .filter(([label]) => keeps(label))
            .map(([label, count]) => [label, Math.min(COUNT_MAX, count)]),
        ),
      ]),
    );
  return { before: narrow(difference.before), after: narrow(difference.after) };
}

function capped([label, count, score]: Removed): Removed {
  return [label, Math.max(-COUNT_MAX, Math.min(COUNT_MAX, count)), score];
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
