// Turns a DETR model's logits and boxes into detections in pixels of the original picture.
import { Fault } from '../fault.ts';
import type { Labels } from './model-config.ts';
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
  /** Queries (100 in DETR) and classes, "no object" included as the last one. */
  readonly queries: number;
  readonly classes: number;
  /** queries x classes */
  readonly logits: ArrayLike<number>;
  /** queries x 4: center x, center y, width, height, each 0..1 of the picture. */
  readonly boxes: ArrayLike<number>;
}

/** DETR has 100 queries, its relatives 300: beyond this a "detection" is noise that only costs time. */
export const QUERIES_MAX = 1_000;

/**
 * Detections with a score strictly above `threshold`, the surest first. Softmax over all classes; the score is the best
 * among the real ones, even where "no object" scores higher. That is the rule of the Python reference
 * (image_processing_detr.py, post_process_object_detection), which differs from transformers.js below 0.5.
 * `detr.bad-output` for sizes that do not fit or numbers that are not finite.
 */
export function postprocess(
  output: DetrOutput,
  { labels, size, threshold }: { readonly labels: Labels; readonly size: Size; readonly threshold: number },
): readonly Detection[] | Fault {
  const misfit = misfitOf(output);
  if (misfit !== undefined) return new Fault('detr.bad-output', misfit);
  const detections: Detection[] = [];
  for (let query = 0; query < output.queries; query += 1) {
    const best = bestClass(output.logits, query * output.classes, output.classes);
    if (!(best.score > threshold)) continue;
    const label = labels.get(best.index) ?? `class ${best.index}`;
    detections.push({ label, score: best.score, ...pixelBox(output.boxes, query * 4, size) });
  }
  return detections.sort(bySurest);
}

function misfitOf({ queries, classes, logits, boxes }: DetrOutput): string | undefined {
  if (!(queries <= QUERIES_MAX)) return `${queries} queries, limit ${QUERIES_MAX}`;
  if (!(classes >= 2)) return `${classes} classes: a real one and "no object" are the least`;
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
