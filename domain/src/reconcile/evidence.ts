// What the case's reports say about a basket: the newest weighing, and the cameras unless they saw nothing at all.
import type { DoorReport, VisionReport } from '../protocol/payloads.ts';

export interface ScaleReading {
  /** Above zero: mass left the shelf. */
  readonly removedGrams: number;
  /** One standard deviation, as the controller measured it. */
  readonly sigmaGrams: number;
}

/** [label, count, mean score 0..1]; a negative count was put in. */
export type SeenRemoval = readonly [label: string, count: number, score: number];

/** null where a source was silent or broken; a source that saw no change is not silent. */
export interface CaseEvidence {
  readonly scale: ScaleReading | null;
  /** A label that is not named did not change. */
  readonly cameras: readonly SeenRemoval[] | null;
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
    cameras: blind ? null : vision.removed,
  };
}
