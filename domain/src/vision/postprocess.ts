// Turns a model's logits and boxes into detections in pixels of the original picture.
import { Fault } from '../fault.ts';
import type { Labels } from './model-facts.ts';
import type { DetectorProfile } from './profile.ts';
import type { Size } from './resize.ts';

export interface Detection {
  readonly label: string;
  /** 0..1 */
  readonly score: number;
  /** Left, top, width and height in pixels of the original picture, inside it. */
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface DetrOutput {
  /** Queries (100 in DETR) and classes, with softmax "no object" included as the last one. */
  readonly queries: number;
  readonly classes: number;
  /** queries x classes */
  readonly logits: ArrayLike<number>;
  /** queries x 4: center x, center y, width, height, each 0..1 of the picture. */
  readonly boxes: ArrayLike<number>;
}

/** DETR has 100 queries, its relatives 300: beyond this a "detection" is noise that only costs time. */
export const QUERIES_MAX = 1_000;
/** Objects365 has 365. */
const CLASSES_MAX = 2_000;

export interface Scoring {
  readonly labels: Labels;
  /** Of the original picture. */
  readonly size: Size;
  readonly threshold: number;
  /** Without it softmax. */
  readonly scores?: DetectorProfile['scores'];
}

/**
 * Detections with a score strictly above `threshold`, the surest first, by the rules of the Python reference.
 *
 * Softmax (image_processing_detr.py, post_process_object_detection): the score is the best among the real classes, even
 * where "no object" scores higher; transformers.js differs in that below 0.5. Sigmoid (image_processing_rt_detr.py): every
 * class of every query is a candidate, and the best are kept, as many as there are queries.
 *
 * `detr.bad-output` for sizes that do not fit or numbers that are not finite, `detr.model-unfit` for labels that the
 * model has no class for.
 */
export function postprocess(output: DetrOutput, how: Scoring): readonly Detection[] | Fault {
  const scores = how.scores ?? 'softmax';
  const misfit = misfitOf(output, scores);
  if (misfit !== undefined) return new Fault('detr.bad-output', misfit);
  const unfit = labelMisfit(how.labels, output.classes, scores);
  if (unfit !== undefined) return new Fault('detr.model-unfit', unfit);
  const found = scores === 'softmax' ? bestOfEach(output, how.threshold) : bestOfAll(output, how.threshold);
  return found
    .map(({ query, index, score }) => ({
      label: how.labels.get(index) ?? `class ${index}`,
      score,
      ...pixelBox(output.boxes, query * 4, how.size),
    }))
    .sort(bySurest);
}

interface Candidate {
  readonly query: number;
  /** Of the class. */
  readonly index: number;
  readonly score: number;
}

function bestOfEach({ queries, classes, logits }: DetrOutput, threshold: number): Candidate[] {
  const found: Candidate[] = [];
  for (let query = 0; query < queries; query += 1) {
    const best = bestClass(logits, query * classes, classes);
    if (best.score > threshold) found.push({ query, ...best });
  }
  return found;
}

function bestOfAll({ queries, classes, logits }: DetrOutput, threshold: number): Candidate[] {
  const found: Candidate[] = [];
  // An exponential for each of 24,000 would cost more than all the rest: most fall at a look, a little below the exact cut.
  const cut = Math.log(threshold / (1 - threshold)) - 0.001;
  for (let i = 0; i < queries * classes; i += 1) {
    if (logits[i]! < cut) continue;
    const score = 1 / (1 + Math.exp(-logits[i]!));
    if (score > threshold) found.push({ query: Math.floor(i / classes), index: i % classes, score });
  }
  return found.length <= queries ? found : found.sort((a, b) => b.score - a.score).slice(0, queries);
}

/**
 * With softmax the last class is "no object". A label there, or beyond the last class, is of another model: its scores
 * would be given to the wrong names.
 */
function labelMisfit(labels: Labels, classes: number, scores: DetectorProfile['scores']): string | undefined {
  const real = scores === 'softmax' ? classes - 1 : classes;
  const highest = Math.max(...labels.keys());
  if (highest < real) return undefined;
  return `label ${highest} leaves no class for it among ${classes}${scores === 'softmax' ? ', "no object" the last' : ''}`;
}

function misfitOf({ queries, classes, logits, boxes }: DetrOutput, scores: string): string | undefined {
  if (!(queries <= QUERIES_MAX)) return `${queries} queries, limit ${QUERIES_MAX}`;
  if (!(classes <= CLASSES_MAX)) return `${classes} classes, limit ${CLASSES_MAX}`;
  if (!(classes >= (scores === 'softmax' ? 2 : 1)))
    return `${classes} classes: a real one and "no object" are the least`;
  if (logits.length !== queries * classes) return `${logits.length} logits for ${queries} x ${classes}`;
  if (boxes.length !== queries * 4) return `${boxes.length} box numbers for ${queries} boxes`;
  return allFinite(logits) && allFinite(boxes) ? undefined : 'the model gave numbers that are not finite';
}

function bestClass(logits: ArrayLike<number>, from: number, classes: number): { index: number; score: number } {
  let index = 0;
  for (let i = 1; i < classes - 1; i += 1) if (logits[from + i]! > logits[from + index]!) index = i;
  const top = Math.max(logits[from + index]!, logits[from + classes - 1]!);
  let sum = 0;
  for (let i = 0; i < classes; i += 1) sum += Math.exp(logits[from + i]! - top);
  return { index, score: Math.exp(logits[from + index]! - top) / sum };
}

/** Boxes may leave the picture a little: they are cut at its edge. */
function pixelBox(boxes: ArrayLike<number>, at: number, { width, height }: Size) {
  const [cx, cy, w, h] = [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
  const left = inUnit(cx - w / 2) * width;
  const top = inUnit(cy - h / 2) * height;
  // A negative width (a broken model) gives an empty box, never one turned inside out.
  const right = Math.max(left, inUnit(cx + w / 2) * width);
  const bottom = Math.max(top, inUnit(cy + h / 2) * height);
  return { x: left, y: top, w: right - left, h: bottom - top };
}

/** Ties are broken all the way, so that the order of the queries never shows. */
function bySurest(a: Detection, b: Detection): number {
  return b.score - a.score || compare(a.label, b.label) || a.x - b.x || a.y - b.y || a.w - b.w || a.h - b.h;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function inUnit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i += 1) if (!Number.isFinite(values[i])) return false;
  return true;
}
