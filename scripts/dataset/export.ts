// The export itself: evidence and ledger in, dataset out. Reads each visit once and holds no more pictures than one.
import { join } from 'node:path';
import {
  buildDataset,
  type Dataset,
  type DatasetOptions,
  Fault,
  imageFile,
  type LabelledPictures,
  orThrow,
  parseLabels,
  type SeenPicture,
  type VisitDecision,
  type VisitPart,
  visitPart,
} from '@tapcase/domain';
import { type DecisionLedger, decisionAbout } from './decisions.ts';
import {
  type PicturePlace,
  readBounded,
  readFacts,
  readPicture,
  type Skip,
  type VisitFiles,
  visitsIn,
} from './evidence-folder.ts';
import type { Options } from './options.ts';
import * as folder from './out-folder.ts';

/** All boxes are held until they are written: these take some 2 GB at the most, and no shop flags so many visits. */
export const LIMITS = { pictures: 100_000, boxes: 2_000_000 } as const;

export interface Exported {
  readonly dataset: Dataset;
  readonly visits: number;
  /** Of `visits`, those that the ledger does not know. */
  readonly unknown: number;
  readonly decided: Readonly<Record<NonNullable<VisitDecision['decision']>, number>>;
  /** Pictures of an earlier run that went. */
  readonly dropped: number;
}

export async function exportDataset(
  options: Options,
  ledger: DecisionLedger,
  skip: Skip,
  limits: Readonly<Record<keyof typeof LIMITS, number>> = LIMITS,
): Promise<Exported> {
  const { evidence, out, decisions } = options;
  await folder.refuseNested({ evidence, out, ...(decisions === null ? {} : { decisions }) });
  const labelled = options.labels === null ? new Map() : await readLabels(options.labels);
  const known = await folder.prepare(out);
  await folder.writeMarker(out, { state: 'writing', categories: known });
  const pseudonym = await folder.pseudonyms(out, options.key);
  const gathered = await gather({ ...options, known, labelled }, ledger, pseudonym, skip, { ...limits });
  const dataset = buildDataset(gathered.parts, { ...options, known, labelled });
  const dropped = await publish(options, dataset);
  const decided = { confirm: 0, correct: 0, waive: 0 };
  for (const { decision } of gathered.parts) if (decision !== null) decided[decision] += 1;
  return { dataset, visits: gathered.parts.length, unknown: gathered.unknown, decided, dropped };
}

/** A hundred thousand pictures with twenty boxes each, as tools write them. */
const LABELS_BYTES_MAX = 400 * 1024 * 1024;

/** Throws `dataset.unreadable`, `dataset.too-large`, `dataset.bad-labels`. */
async function readLabels(path: string): Promise<LabelledPictures> {
  const bytes = orThrow(await readBounded(path, LABELS_BYTES_MAX));
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Fault('dataset.bad-labels', `${path} is not JSON`);
  }
  return orThrow(parseLabels(value));
}

async function gather(
  options: Options & DatasetOptions,
  ledger: DecisionLedger,
  pseudonym: (caseId: string) => string,
  skip: Skip,
  room: { pictures: number; boxes: number },
) {
  const parts: VisitPart[] = [];
  let unknown = 0;
  for await (const files of visitsIn(options.evidence, skip)) {
    const decision = await decisionAbout(ledger, files);
    if (decision instanceof Fault) {
      skip(join(files.caseId, files.visit), decision);
      continue;
    }
    const visit = { id: files.visit, case: pseudonym(files.caseId) };
    const pictures = await readVisit(options, files, room, skip);
    if (pictures.length === 0) continue;
    const part = visitPart(
      visit,
      pictures.map(({ seen }) => seen),
      decision,
    );
    const wanted = imagesOf(buildDataset([part], options));
    for (const { seen, bytes } of pictures) {
      const file = imageFile(visit, seen.moment, seen.camera);
      if (wanted.has(file)) await folder.writeImage(options.out, file, bytes);
    }
    if (options.decisions !== null && decision !== null) await tellDecision(options.decisions, files, decision);
    if (decision === null) unknown += 1;
    parts.push(part);
  }
  return { parts, unknown };
}

interface ReadPicture {
  readonly seen: SeenPicture;
  readonly bytes: Uint8Array;
}

/** Empty where the visit is older than was asked for. */
async function readVisit(
  { evidence, sinceMs }: Options,
  files: VisitFiles,
  room: { pictures: number; boxes: number },
  skip: Skip,
): Promise<readonly ReadPicture[]> {
  const looked: { readonly place: PicturePlace; readonly seen: SeenPicture }[] = [];
  for (const place of files.pictures) {
    const facts = await readFacts(evidence, files, place);
    if (facts instanceof Fault) skip(`${place.path}.json`, facts);
    else looked.push({ place, seen: { moment: place.moment, camera: place.camera, facts } });
  }
  if (sinceMs !== null && looked.every(({ seen }) => seen.facts.atMs < sinceMs)) return [];
  const pictures: ReadPicture[] = [];
  for (const { place, seen } of looked) {
    const bytes = await readPicture(evidence, place, seen.facts);
    if (bytes instanceof Fault) skip(`${place.path}.jpg`, bytes);
    else if (room.pictures < 1 || room.boxes < seen.facts.boxes.length) {
      skip(`${place.path}.jpg`, new Fault('dataset.too-many', 'the dataset is full; export it in parts with --since'));
    } else {
      room.pictures -= 1;
      room.boxes -= seen.facts.boxes.length;
      pictures.push({ seen, bytes });
    }
  }
  return pictures;
}

function imagesOf({ train, val, toLabel }: Pick<Dataset, 'train' | 'val' | 'toLabel'>): Set<string> {
  return new Set([train, val, toLabel].flatMap(({ images }) => images.map(({ file_name }) => file_name)));
}

function tellDecision(decisions: string, { caseId, visit }: VisitFiles, decision: VisitDecision): Promise<unknown> {
  return folder.writeDecision(join(decisions, caseId, visit, 'decision.json'), `${JSON.stringify(decision)}\n`);
}

/** The numbers of the categories are on the disk before anything uses them; the last word is that all is there. */
async function publish({ out, split, decidedOnly, sinceMs }: Options, dataset: Dataset): Promise<number> {
  const { categories, train, val, toLabel, strangers } = dataset;
  await folder.writeMarker(out, { state: 'writing', categories });
  const files: Record<string, string> = {};
  for (const [set, file] of Object.entries(folder.ANNOTATION_FILES)) {
    const coco = dataset[set as keyof typeof folder.ANNOTATION_FILES];
    files[`annotations/${file}`] = await folder.writeAnnotations(out, file, coco);
  }
  const dropped = await folder.dropOtherImages(out, imagesOf(dataset));
  const since = sinceMs === null ? null : new Date(sinceMs).toISOString().slice(0, 10);
  const images = { train: train.images.length, val: val.images.length, toLabel: toLabel.images.length };
  const counts = { images, strangers };
  await folder.writeMarker(out, {
    state: 'complete',
    categories,
    options: { ...split, decidedOnly, since },
    counts,
    files,
  });
  return dropped;
}
