// One visit's share of a dataset: its pictures with the model's boxes, and what a person decided. Times are days.
import { Fault } from '../fault.ts';
import type { VisitDecision } from './decision.ts';
import type { EvidenceFacts, EvidenceMoment, ProposedBox } from './evidence.ts';

/** Grows with every change that a reader of stored parts must know of. */
export const PART_FORMAT = 1;

export interface PartPicture {
  readonly fileName: string;
  readonly moment: EvidenceMoment;
  readonly camera: string;
  readonly width: number;
  readonly height: number;
  /** `2026-11-21` in UTC. The minute of a visit could tell who it was. */
  readonly day: string;
  readonly model: string | null;
  readonly threshold: number | null;
  readonly boxes: readonly ProposedBox[];
}

export interface VisitPart extends VisitDecision {
  readonly format: typeof PART_FORMAT;
  /** The case's pseudonym. */
  readonly case: string;
  readonly pictures: readonly PartPicture[];
}

/** A picture whose file and facts have both been read. */
export interface SeenPicture {
  readonly moment: EvidenceMoment;
  readonly camera: string;
  readonly facts: EvidenceFacts;
}

/** The pictures in order of their names, whatever order they came in. `decision`: null where the visit is not known. */
export function visitPart(
  visit: { readonly id: string; readonly case: string },
  seen: readonly SeenPicture[],
  decision: VisitDecision | null,
): VisitPart {
  const pictures = seen.map(({ moment, camera, facts }) => {
    const { atMs, ...rest } = facts;
    return { fileName: imageFile(visit, moment, camera), moment, camera, day: dayOf(atMs), ...rest };
  });
  return {
    format: PART_FORMAT,
    case: visit.case,
    ...(decision ?? { decision: null, taken: null, products: [] }),
    visit: visit.id,
    pictures: pictures.sort((a, b) => compareText(a.fileName, b.fileName)),
  };
}

/** The case is in the name, so that no case can give its picture out for another's. */
export function imageFile(
  visit: { readonly id: string; readonly case: string },
  moment: EvidenceMoment,
  camera: string,
): string {
  return `${visit.case}-${visit.id}-${moment}-${camera}.jpg`;
}

/** What `imageFile` makes, and nothing else: a pseudonym is 1 to 32 of a-z and 0-9. */
export const IMAGE_FILE = /^[a-z0-9]{1,32}-[a-z0-9]{6,24}-(before|after)-[A-Za-z0-9_-]{1,8}\.jpg$/;

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** A part that was stored by this code, or `dataset.bad-part`: another release's, or not whole. */
export function readPart(text: string): VisitPart | Fault {
  try {
    const value = JSON.parse(text) as Partial<VisitPart> | null;
    if (value?.format === PART_FORMAT && Array.isArray(value.pictures)) return value as VisitPart;
    return new Fault('dataset.bad-part', `not a part of format ${PART_FORMAT}`);
  } catch {
    return new Fault('dataset.bad-part', 'not JSON');
  }
}

/** By code units, the same everywhere; never by a language's rules. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
