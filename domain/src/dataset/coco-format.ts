// What a COCO file holds (cocodataset.org/#format-data), what we add to it, and how it is written.
import type { GroupChange, Off } from './agreement.ts';
import type { Category } from './categories.ts';
import type { Bbox } from './evidence.ts';
import type { PartPicture, VisitPart } from './part.ts';

/**
 * - `proposed`: by the model; no person has said anything that could be compared.
 * - `confirmed`: what the boxes say was taken is what a person decided. It is the difference that is confirmed: what the
 *   model missed in both pictures stays missed.
 * - `disputed`: a person decided otherwise; to be labelled before anything learns from it.
 * - `labelled`: a person has drawn them.
 */
export type BoxesState = 'proposed' | 'confirmed' | 'disputed' | 'labelled';

/** What COCO has no place for. */
export interface TapcaseFacts {
  readonly visit: string;
  readonly moment: PartPicture['moment'];
  readonly camera: string;
  readonly case: string;
  readonly model: string | null;
  readonly threshold: number | null;
  /** Label to how many of it the model saw in this picture. */
  readonly counts: Readonly<Record<string, number>>;
  readonly decision: VisitPart['decision'];
  readonly boxes: BoxesState;
  /** null: nothing to compare. */
  readonly agrees: boolean | null;
  /** Of this camera's pair of pictures: pieces gone, as seen and as decided. */
  readonly changes: readonly GroupChange[];
  /** Only in what is to be labelled. */
  readonly off?: readonly Off[];
}

export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
  readonly license: number;
  readonly date_captured: string;
  readonly tapcase: TapcaseFacts;
}

export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: Bbox;
  readonly area: number;
  readonly iscrowd: 0;
  /** Boxes only. */
  readonly segmentation: readonly [];
  /** The model's; a person is sure. */
  readonly score?: number;
  readonly source: 'model' | 'person';
}

export interface Coco {
  readonly info: Readonly<Record<'description' | 'url' | 'version' | 'contributor' | 'date_created', string>> & {
    readonly year: number;
  };
  readonly licenses: readonly { readonly id: number; readonly name: string; readonly url: string }[];
  readonly categories: readonly Category[];
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
}

/** The file's text in pieces, an image or annotation a line: no piece is longer than one picture's. */
export function* cocoText({ info, licenses, categories, images, annotations }: Coco): Generator<string> {
  yield `{"info":${JSON.stringify(info)},\n"licenses":${JSON.stringify(licenses)},\n`;
  yield `"categories":${JSON.stringify(categories)},\n"images":[`;
  yield* listText(images);
  yield '],\n"annotations":[';
  yield* listText(annotations);
  yield ']}\n';
}

function* listText(rows: readonly object[]): Generator<string> {
  for (const [at, row] of rows.entries()) yield `${at === 0 ? '\n' : ',\n'}${JSON.stringify(row)}`;
}
