// Where the shelf is in a picture, and where what was seen lies in what is kept of it. Pure.
import { type Detection, PICTURE_BOXES_MAX, PICTURE_LABEL_MAX } from '@tapcase/domain';
import type { Cuts } from '../../camera/shelf-cut.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rectangle extends Size {
  readonly left: number;
  readonly top: number;
}

/** Whole pixels, at least one, never beyond the picture. */
export function shelfIn({ width, height }: Size, { left, top, right, bottom }: Cuts): Rectangle {
  const x = Math.min(width - 1, Math.round(width * left));
  const y = Math.min(height - 1, Math.round(height * top));
  const farX = Math.max(x + 1, Math.round(width * (1 - right)));
  const farY = Math.max(y + 1, Math.round(height * (1 - bottom)));
  return { left: x, top: y, width: farX - x, height: farY - y };
}

/** The size in which a picture is kept: never enlarged, no edge above the limit. */
export function fitted({ width, height }: Size, edgeMax: number): Size {
  const scale = Math.min(1, edgeMax / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** The surest boxes, in pixels of a picture of size `kept` that shows `shown`; what lies outside of it is left out. */
export function boxesIn(
  boxes: readonly Detection[],
  { seenIn, original, shown, kept }: { seenIn: Size; original: Size; shown: Rectangle; kept: Size },
): readonly Detection[] {
  const scaleX = kept.width / shown.width;
  const scaleY = kept.height / shown.height;
  const x = (value: number) => within(((value * original.width) / seenIn.width - shown.left) * scaleX, kept.width);
  const y = (value: number) => within(((value * original.height) / seenIn.height - shown.top) * scaleY, kept.height);
  return boxes
    .toSorted((a, b) => b.score - a.score)
    .map((box) => {
      const [left, top] = [x(box.x), y(box.y)];
      const [w, h] = [tenth(x(box.x + box.w) - left), tenth(y(box.y + box.h) - top)];
      const label = box.label.slice(0, PICTURE_LABEL_MAX);
      return { label, score: Math.round(box.score * 1000) / 1000, x: tenth(left), y: tenth(top), w, h };
    })
    .filter(({ w, h }) => w >= 1 && h >= 1)
    .slice(0, PICTURE_BOXES_MAX);
}

function within(value: number, max: number): number {
  return Math.min(max, Math.max(0, value));
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
