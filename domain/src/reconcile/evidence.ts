// What the case's reports say about a basket: the newest weighing, and what each camera counted before and after.
import type { DoorReport, VisionReport } from '../protocol/payloads.ts';
import type { Counts } from '../vision/scene.ts';

export interface ScaleReading {
  /** Above zero: mass left the shelf. */
  readonly removedGrams: number;
  /** One standard deviation, as the controller measured it. */
  readonly sigmaGrams: number;
}

/** One shelf, or one load cell with its own plate. */
export interface ZoneReading extends ScaleReading {
  /** As the products' `zone` names it. */
  readonly zone: string;
}

/** What one camera counted. A label named in neither look was not seen at all, unless the view is `partial`. */
export interface CameraView {
  readonly camera: string;
  readonly before: Counts;
  readonly after: Counts;
  /** Mean detector score of a label over both looks, 0..1; a score is no probability. */
  readonly scores?: Readonly<Record<string, number>>;
  /** The report had no room for all: a label that is not named did not change, and how many there are is not known. */
  readonly partial?: boolean;
}

/** null where a source was silent or broken; a source that saw no change is not silent. */
export interface CaseEvidence {
  readonly scale: ScaleReading | null;
  /** Empty where the case weighs only as a whole. */
  readonly zones: readonly ZoneReading[];
  readonly cameras: readonly CameraView[] | null;
}

export interface CaseReports {
  readonly door: readonly DoorReport[];
  readonly vision: VisionReport | null;
}

/** The name of the one view that is left when a report had no room for each camera's counts. */
export const MERGED_CAMERA = '*';

/**
 * The weighing with the highest number counts: reports may arrive in any order.
 * A vision report with a fault, or from a case whose model did not run, is silence: it must not read as
 * "nothing went".
 */
export function evidenceOf({ door, vision }: CaseReports): CaseEvidence {
  const closed = door
    .filter((report) => report.type === 'closed')
    .reduce<Extract<DoorReport, { type: 'closed' }> | undefined>(
      (newest, report) => (newest === undefined || report.seq > newest.seq ? report : newest),
      undefined,
    );
  const blind = vision === null || vision.fault !== undefined || vision.model === null;
  return {
    scale: closed === undefined ? null : { removedGrams: closed.dmass, sigmaGrams: closed.sigma },
    zones: (closed?.zones ?? []).map(([zone, removedGrams, sigmaGrams]) => ({ zone, removedGrams, sigmaGrams })),
    cameras: blind ? null : viewsOf(vision),
  };
}

/** Only cameras that looked both times: one that failed in between would seem to have lost everything. */
function viewsOf({ before, after, removed, partial = false }: VisionReport): CameraView[] {
  const scores = Object.fromEntries(removed.map(([label, , score]) => [label, score]));
  const views = Object.entries(before).flatMap(([camera, counts]): CameraView[] =>
    Object.hasOwn(after, camera) ? [{ camera, before: counts, after: after[camera]!, scores, partial }] : [],
  );
  const isTrimmed = removed.length > 0 && views.every((view) => isEmpty(view.before) && isEmpty(view.after));
  if (!isTrimmed) return views;
  const side = (sign: 1 | -1) =>
    Object.fromEntries(removed.map(([label, count]) => [label, Math.max(0, sign * count)] as const));
  return [{ camera: MERGED_CAMERA, before: side(1), after: side(-1), scores, partial: true }];
}

function isEmpty(counts: Counts): boolean {
  return Object.keys(counts).length === 0;
}
