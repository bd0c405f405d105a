// What lies in the evidence folder: how its files are called, and what may stand in the facts beside a picture.
import { Fault } from '../fault.ts';
import { VISIT_ID } from '../protocol/payloads.ts';
import { parsePictureFacts } from '../protocol/pictures.ts';
import { CASE_ID } from '../protocol/topics.ts';

/** A 1280 x 720 JPEG takes some 200 kB; a picture of this size is no snapshot of a shelf. */
export const PICTURE_BYTES_TAKEN_MAX = 8 * 1024 * 1024;
/** A thousand boxes with their labels. */
export const FACTS_BYTES_TAKEN_MAX = 256 * 1024;
/** Boxes come from sums of floats, and a crop may round: this far outside is still at the edge. */
const OUTSIDE_PIXELS_MAX = 2;

export type EvidenceMoment = 'before' | 'after';

/** One file of a visit, by its place in the folder or bucket. */
export interface EvidenceName {
  readonly caseId: string;
  readonly visit: string;
  readonly file:
    | { readonly kind: 'picture' | 'facts'; readonly moment: EvidenceMoment; readonly camera: string }
    | { readonly kind: 'decision' };
}

const FILE = /^(before|after)-([A-Za-z0-9_-]{1,8})\.(jpg|json)$/;
/** What a person decided about the visit (decision.ts), for whoever has no ledger. */
export const DECISION_FILE = 'decision.json';

/** `<case>/<visit>/<moment>-<camera>.jpg`, `….json` or `<case>/<visit>/decision.json`; otherwise `dataset.bad-name`. */
export function parseEvidenceName(path: string): EvidenceName | Fault {
  const [caseId = '', visit = '', file = '', ...more] = path.split('/');
  if (more.length === 0 && CASE_ID.test(caseId) && VISIT_ID.test(visit)) {
    if (file === DECISION_FILE) return { caseId, visit, file: { kind: 'decision' } };
    const [, moment, camera, kind] = FILE.exec(file) ?? [];
    if (moment !== undefined && camera !== undefined) {
      const what = kind === 'jpg' ? 'picture' : 'facts';
      return { caseId, visit, file: { kind: what, moment: moment as EvidenceMoment, camera } };
    }
  }
  return new Fault('dataset.bad-name', 'not the name of a file of a visit');
}

/** Year 2000 to 9999, so that it is a day anybody can write. */
const [AT_MS_MIN, AT_MS_MAX] = [946_684_800_000, 253_402_300_799_999] as const;
const MODEL = /^[A-Za-z0-9._-]{1,40}$/;

/** Left, top, width, height in pixels of the picture, inside it, to a hundredth. */
export type Bbox = readonly [number, number, number, number];

export interface ProposedBox {
  readonly label: string;
  readonly score: number;
  readonly bbox: Bbox;
}

/** What the Pi says beside a picture, with the boxes as a dataset has them. */
export interface EvidenceFacts {
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
  /** First 12 hex digits of the model file's SHA-256; null where none could run. */
  readonly model: string | null;
  readonly threshold: number | null;
  readonly boxes: readonly ProposedBox[];
}

/** The facts, or `dataset.bad-facts`: also where they speak of another picture, or a box is not in it. */
export function parseEvidenceFacts(value: unknown, name: EvidenceName): EvidenceFacts | Fault {
  const parsed = parsePictureFacts(value);
  if (parsed instanceof Fault) return badFacts(parsed.message);
  const { visit, moment, camera, boxes, ...facts } = parsed;
  const { file } = name;
  if (visit !== name.visit || file.kind === 'decision' || moment !== file.moment || camera !== file.camera) {
    return badFacts('they speak of another picture than their name says');
  }
  if (facts.atMs < AT_MS_MIN || facts.atMs > AT_MS_MAX) return badFacts('atMs: no day that anybody can write');
  if (facts.model !== null && !MODEL.test(facts.model)) return badFacts('model: not the name of one');
  const nameless = boxes.findIndex(({ label }) => label.trim() === '');
  if (nameless >= 0) return badFacts(`boxes.${nameless}: has no label`);
  const inside = boxes.map(({ label, score, ...box }) => ({ label: label.trim(), score, bbox: bboxIn(box, facts) }));
  const outside = inside.findIndex(({ bbox }) => bbox === null);
  if (outside >= 0) return badFacts(`boxes.${outside}: outside the picture, or nothing`);
  return { ...facts, boxes: inside.map((box) => ({ ...box, bbox: box.bbox! })) };
}

/** Cut at the picture's edge; null: not in the picture, or nothing. */
export function bboxIn(
  { x, y, w, h }: { readonly x: number; readonly y: number; readonly w: number; readonly h: number },
  { width, height }: { readonly width: number; readonly height: number },
): Bbox | null {
  const isNear =
    x >= -OUTSIDE_PIXELS_MAX &&
    y >= -OUTSIDE_PIXELS_MAX &&
    x + w <= width + OUTSIDE_PIXELS_MAX &&
    y + h <= height + OUTSIDE_PIXELS_MAX;
  const [left, top] = [hundredth(Math.max(0, x)), hundredth(Math.max(0, y))];
  const [wide, high] = [hundredth(Math.min(width, x + w) - left), hundredth(Math.min(height, y + h) - top)];
  return isNear && wide > 0 && high > 0 ? [left, top, wide, high] : null;
}

/** COCO's own boxes have two digits. */
export function hundredth(value: number): number {
  return Math.round(value * 100) / 100;
}

function badFacts(message: string): Fault {
  return new Fault('dataset.bad-facts', message);
}
