// What the case's reports say about a basket: the newest weighing, and what each camera counted before and after.
import { Fault } from '../fault.ts';
import { readCompact } from '../protocol/compact-counts.ts';
import type { DoorReport, VisionReport } from '../protocol/payloads.ts';
import type { Counts } from '../vision/counts.ts';

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
function viewsOf({ before, after, cameras, counts, scores = {}, partial = false }: VisionReport): CameraView[] | null {
  if (cameras !== undefined && counts !== undefined) {
    const read = readCompact({ cameras, counts }, partial);
    return read instanceof Fault ? null : read.looks.map((look) => ({ ...look, scores: read.scores, partial }));
  }
  if (before === undefined || after === undefined) return null;
  return Object.entries(before).flatMap(([camera, early]): CameraView[] =>
    Object.hasOwn(after, camera) ? [{ camera, before: early, after: after[camera]!, scores, partial }] : [],
  );
}
