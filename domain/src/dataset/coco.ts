// Visits to a COCO dataset (cocodataset.org/#format-data): what to train with, what to validate with, what to label first.
import { groupBy } from '../group.ts';
import { type Agreement, agreementOf, offIn } from './agreement.ts';
import { type Category, withLabels } from './categories.ts';
import type { Coco, CocoAnnotation, TapcaseFacts } from './coco-format.ts';
import { hundredth } from './evidence.ts';
import type { DrawnBox, LabelledPictures } from './labels.ts';
import { compareText, type PartPicture, type VisitPart } from './part.ts';
import { isForValidation, type Split } from './split.ts';

export interface DatasetOptions {
  readonly split: Split;
  /** Only pictures that a person's decision says something about. */
  readonly decidedOnly: boolean;
  /** Categories of an earlier run. */
  readonly known: readonly Category[];
  /** What people drew; it goes before the model's boxes. */
  readonly labelled?: LabelledPictures;
}

export interface Dataset {
  readonly train: Coco;
  readonly val: Coco;
  readonly toLabel: Coco;
  readonly categories: readonly Category[];
  /** Boxes of labels that no catalog has, which are left out: label to how many. */
  readonly strangers: Readonly<Record<string, number>>;
}

interface Judged {
  readonly picture: PartPicture;
  readonly facts: TapcaseFacts;
  readonly boxes: readonly (DrawnBox & { readonly score?: number })[];
}

const NONE: LabelledPictures = new Map();

const LICENSE = { id: 1, name: 'Pictures of the operator’s own shelf; not for publication', url: '' } as const;

/** The same parts in any order give the same dataset. Numbers of images and annotations are alike in no two of its files. */
export function buildDataset(
  parts: readonly VisitPart[],
  { split, decidedOnly, known, labelled = NONE }: DatasetOptions,
): Dataset {
  const categories = withLabels(
    known,
    parts.flatMap(({ products }) => products.flatMap(({ labels }) => labels)),
  );
  const judged = parts
    .flatMap((part) => judge(part, labelled))
    .filter(({ facts }) => !decidedOnly || facts.boxes !== 'proposed')
    .sort((a, b) => compareText(a.picture.fileName, b.picture.fileName));
  const number = numbering(categories);
  const drawn = judged.map((one) => ({ ...number.draw(one), set: setOf(one, split) }));
  const days = judged.map(({ picture }) => picture.day).sort(compareText);
  const set = (wanted: ReturnType<typeof setOf>) => {
    const own = drawn.filter(({ set }) => set === wanted);
    return {
      info: infoOf(days.at(-1) ?? ''),
      licenses: [LICENSE],
      categories,
      images: own.map(({ image }) => image),
      annotations: own.flatMap(({ annotations }) => annotations),
    };
  };
  return { train: set('train'), val: set('val'), toLabel: set('toLabel'), categories, strangers: number.strangers() };
}

function setOf({ facts }: Judged, split: Split): 'train' | 'val' | 'toLabel' {
  if (facts.boxes === 'disputed') return 'toLabel';
  return isForValidation(facts.visit, split) ? 'val' : 'train';
}

function judge(part: VisitPart, labelled: LabelledPictures): Judged[] {
  const { visit, decision } = part;
  const byCamera = groupBy(part.pictures, ({ camera }) => camera);
  return [...byCamera].flatMap(([camera, pictures]) => {
    const look = (wanted: PartPicture['moment']) => pictures.find(({ moment }) => moment === wanted);
    const agreement = agreementOf({ before: look('before'), after: look('after') }, part);
    return pictures.map((picture) => {
      const { moment, model, threshold } = picture;
      const whose = { visit, moment, camera, case: part.case, model, threshold };
      const facts = { ...whose, counts: countsOf(picture), decision, ...saidOf(moment, agreement) };
      return { picture, ...drawnOver(picture, facts, labelled) };
    });
  });
}

/** What was drawn on a picture of another size was drawn on another picture. */
function drawnOver(
  picture: PartPicture,
  facts: TapcaseFacts,
  labelled: LabelledPictures,
): Pick<Judged, 'facts' | 'boxes'> {
  const drawn = labelled.get(picture.fileName);
  if (drawn?.width !== picture.width || drawn.height !== picture.height) return { facts, boxes: picture.boxes };
  const { off: _, ...rest } = facts;
  return { facts: { ...rest, boxes: 'labelled' }, boxes: drawn.boxes };
}

function saidOf(moment: PartPicture['moment'], agreement: Agreement | null) {
  if (agreement === null) return { boxes: 'proposed', agrees: null, changes: [] } as const;
  const { agrees, changes } = agreement;
  return agrees
    ? ({ boxes: 'confirmed', agrees, changes } as const)
    : ({ boxes: 'disputed', agrees, changes, off: offIn(moment, agreement) } as const);
}

function countsOf({ boxes }: PartPicture): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { label } of boxes) counts.set(label, (counts.get(label) ?? 0) + 1);
  return sortedRecord(counts);
}

/** Images and annotations get their numbers in the order in which they are drawn. */
function numbering(categories: readonly Category[]) {
  const ids = new Map(categories.map(({ id, name }) => [name, id]));
  const strangers = new Map<string, number>();
  // From 1: pycocotools takes an annotation 0 for none.
  let [imageId, annotationId] = [0, 0];
  const draw = ({ picture, facts, boxes }: Judged) => {
    imageId += 1;
    const annotations: CocoAnnotation[] = [];
    for (const { label, score, bbox } of boxes) {
      const category = ids.get(label);
      if (category === undefined) {
        strangers.set(label, (strangers.get(label) ?? 0) + 1);
        continue;
      }
      annotationId += 1;
      annotations.push({
        id: annotationId,
        image_id: imageId,
        category_id: category,
        bbox,
        area: hundredth(bbox[2] * bbox[3]),
        iscrowd: 0,
        segmentation: [],
        ...(score === undefined ? { source: 'person' } : { score, source: 'model' }),
      });
    }
    const { fileName, width, height, day } = picture;
    const size = { id: imageId, file_name: fileName, width, height };
    const image = { ...size, license: LICENSE.id, date_captured: `${day} 00:00:00`, tapcase: facts };
    return { image, annotations };
  };
  return { draw, strangers: () => sortedRecord(strangers) };
}

/** Of the newest picture: the same pictures make the same file on any day. */
function infoOf(day: string): Coco['info'] {
  return {
    description:
      'Shelf pictures of flagged visits; boxes are a model’s proposals, some confirmed by a person’s decision',
    url: '',
    version: '1.0',
    year: Number(day.slice(0, 4)),
    contributor: 'the operator',
    date_created: day.replaceAll('-', '/'),
  };
}

function sortedRecord(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => compareText(a, b)));
}
