// What a person drew: a COCO file as annotation tools give back what `to_label.json` asked for.
import * as v from 'valibot';
import { Fault } from '../fault.ts';
import { IMAGE_EDGE_MAX } from '../vision/image.ts';
import { type Bbox, bboxIn } from './evidence.ts';

export interface DrawnBox {
  readonly label: string;
  readonly bbox: Bbox;
}

export interface LabelledPicture {
  readonly width: number;
  readonly height: number;
  /** None is an answer too: nothing is there. */
  readonly boxes: readonly DrawnBox[];
}

/** By the picture's file name. */
export type LabelledPictures = ReadonlyMap<string, LabelledPicture>;

const id = v.union([v.pipe(v.number(), v.safeInteger()), v.pipe(v.string(), v.maxLength(100))]);
const edge = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(IMAGE_EDGE_MAX));
const finite = v.pipe(v.number(), v.finite());
const labelsSchema = v.object({
  categories: v.pipe(v.array(v.object({ id, name: v.pipe(v.string(), v.trim(), v.minLength(1)) })), v.maxLength(1_000)),
  images: v.pipe(v.array(v.object({ id, file_name: v.string(), width: edge, height: edge })), v.maxLength(100_000)),
  annotations: v.pipe(
    v.array(v.object({ image_id: id, category_id: id, bbox: v.tuple([finite, finite, finite, finite]) })),
    v.maxLength(2_000_000),
  ),
});

/** `dataset.bad-labels` says what is wrong with which row: a file that is half right would teach something wrong. */
export function parseLabels(value: unknown): LabelledPictures | Fault {
  const result = v.safeParse(labelsSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    return bad(`${v.getDotPath(issue) ?? '(whole)'}: ${issue.message}`);
  }
  const { categories, images, annotations } = result.output;
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const pictures = new Map(images.map((image) => [image.id, { ...image, boxes: [] as DrawnBox[] }]));
  if (pictures.size < images.length) return bad('images: an id stands twice');
  for (const [at, { image_id, category_id, bbox }] of annotations.entries()) {
    const [picture, label] = [pictures.get(image_id), names.get(category_id)];
    if (picture === undefined || label === undefined) return bad(`annotations.${at}: of no image or category`);
    const [x, y, w, h] = bbox;
    const inside = bboxIn({ x, y, w, h }, picture);
    if (inside === null) return bad(`annotations.${at}: outside its picture, or nothing`);
    picture.boxes.push({ label, bbox: inside });
  }
  // Tools put folders before the name.
  const byName = new Map([...pictures.values()].map((one) => [one.file_name.replace(/^.*[/\\]/, ''), one]));
  return byName.size < images.length ? bad('images: a file stands twice') : byName;
}

function bad(message: string): Fault {
  return new Fault('dataset.bad-labels', message);
}
