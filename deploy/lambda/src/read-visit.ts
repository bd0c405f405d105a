// Makes a visit's part from its files, and writes its pictures on the way. Reads only what has changed since the last part.
import { createHash } from 'node:crypto';
import {
  cleanJpeg,
  compareText,
  type EvidenceFacts,
  type EvidenceMoment,
  type EvidenceName,
  FACTS_BYTES_TAKEN_MAX,
  Fault,
  imageFile,
  type PartPicture,
  PICTURE_BYTES_TAKEN_MAX,
  parseEvidenceFacts,
  parseEvidenceName,
  parseVisitDecision,
  type SeenPicture,
  type VisitDecision,
  visitPart,
} from '@tapcase/domain';
import { type Bucket, EVIDENCE, IMAGES, type Listed } from './bucket.ts';
import type { StoredPart, VisitPlace } from './stored-part.ts';

export interface Reading {
  readonly bucket: Bucket;
  readonly place: VisitPlace;
  /** The case's pseudonym. */
  readonly caseName: string;
  /** The visit's files under evidence/. */
  readonly files: readonly Listed[];
  /** Its pictures under dataset/images/, as they were before anything was read. */
  readonly images: readonly Listed[];
  /** The part as it is now. */
  readonly before: StoredPart | null;
}

interface Look {
  readonly moment: EvidenceMoment;
  readonly camera: string;
}

/** `others first`: a picture was written meanwhile by somebody who may have seen more. Throws what S3 throws. */
export async function readVisit(reading: Reading): Promise<StoredPart | 'others first'> {
  const { place, caseName, files } = reading;
  const prefix = `${EVIDENCE}${place.caseId}/${place.visit}/`;
  const sources = Object.fromEntries(files.map(({ key, etag }) => [key.slice(prefix.length), etag]));
  const names = Object.keys(sources).map((file) => ({
    file,
    name: parseEvidenceName(`${place.caseId}/${place.visit}/${file}`),
  }));
  const skipped: Record<string, string> = {};
  const seen: SeenPicture[] = [];
  const kept: PartPicture[] = [];
  let decision: VisitDecision | null = null;
  for (const { file, name } of names) {
    const result = name instanceof Fault ? name : await readOne(reading, sources, name);
    if (result === 'others first') return result;
    if (result instanceof Fault) skipped[file] = result.code;
    else if (result === null) continue;
    else if ('taken' in result) decision = result;
    else if ('fileName' in result) kept.push(result);
    else seen.push(result);
  }
  const part = visitPart({ id: place.visit, case: caseName }, seen, decision);
  const pictures = [...part.pictures, ...kept].sort((a, b) => compareText(a.fileName, b.fileName));
  return { ...part, pictures, sources: sorted(sources), skipped: sorted(skipped) };
}

type Sources = Readonly<Record<string, string>>;

/** null for a picture: it is read together with its facts, which stand beside it. */
async function readOne(
  reading: Reading,
  sources: Sources,
  { file }: EvidenceName,
): Promise<VisitDecision | PartPicture | SeenPicture | Fault | 'others first' | null> {
  if (file.kind === 'decision') return readDecision(reading);
  const look = { moment: file.moment, camera: file.camera };
  const [jpg, json] = [`${look.moment}-${look.camera}.jpg`, `${look.moment}-${look.camera}.json`];
  // Alone each waits for the other: its own event will come.
  if (file.kind === 'picture') return sources[json] === undefined ? new Fault('dataset.no-facts', 'alone') : null;
  if (sources[jpg] === undefined) return new Fault('dataset.no-picture', 'alone');
  const known = unchanged(reading, sources, look);
  if (known !== undefined) return known;
  const facts = await readFacts(reading, json, look);
  if (facts instanceof Fault) return facts;
  const written = await copyPicture(reading, jpg, look, facts);
  return written === 'written' ? { ...look, facts } : written;
}

/** As the last part has it, if picture and facts are those that it was made of and the picture is there. */
function unchanged({ before, images, ...whose }: Reading, sources: Sources, { moment, camera }: Look) {
  const fileName = imageFile({ id: whose.place.visit, case: whose.caseName }, moment, camera);
  const isSame = ['jpg', 'json']
    .map((ending) => `${moment}-${camera}.${ending}`)
    .every((file) => before?.sources[file] === sources[file]);
  const isThere = images.some(({ key }) => key === `${IMAGES}${fileName}`);
  return isSame && isThere ? before?.pictures.find((picture) => picture.fileName === fileName) : undefined;
}

async function readFacts(reading: Reading, file: string, look: Look): Promise<EvidenceFacts | Fault> {
  const value = await readJson(reading, file);
  return value instanceof Fault
    ? value
    : parseEvidenceFacts(value, { ...reading.place, file: { kind: 'facts', ...look } });
}

async function readDecision(reading: Reading): Promise<VisitDecision | Fault> {
  const value = await readJson(reading, 'decision.json');
  return value instanceof Fault
    ? new Fault('dataset.bad-decision', value.message)
    : parseVisitDecision(value, reading.place.visit);
}

async function copyPicture(
  reading: Reading,
  file: string,
  { moment, camera }: Look,
  facts: EvidenceFacts,
): Promise<'written' | 'others first' | Fault> {
  const bytes = await readBytes(reading, file, PICTURE_BYTES_TAKEN_MAX);
  const picture = bytes instanceof Fault ? bytes : cleanJpeg(bytes);
  if (picture instanceof Fault) return picture;
  if (picture.width !== facts.width || picture.height !== facts.height) {
    return new Fault('dataset.wrong-size', 'the facts say another size than the picture has');
  }
  const key = `${IMAGES}${imageFile({ id: reading.place.visit, case: reading.caseName }, moment, camera)}`;
  const there = reading.images.find((image) => image.key === key);
  // With S3's own encryption the ETag is the MD5 of the content: what is there already is not written again.
  if (there?.etag === `"${createHash('md5').update(picture.bytes).digest('hex')}"`) return 'written';
  const isWritten = await reading.bucket.write(key, picture.bytes, 'image/jpeg', there ?? 'absent');
  return isWritten ? 'written' : 'others first';
}

async function readJson(reading: Reading, file: string): Promise<unknown> {
  const bytes = await readBytes(reading, file, FACTS_BYTES_TAKEN_MAX);
  if (bytes instanceof Fault) return bytes;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return new Fault('dataset.bad-facts', 'not JSON');
  }
}

/** A newer version than was listed may come; then its own event finds another ETag in the part, and reads it again. */
async function readBytes({ bucket, place }: Reading, file: string, bytesMax: number): Promise<Uint8Array | Fault> {
  try {
    const stored = await bucket.read(`${EVIDENCE}${place.caseId}/${place.visit}/${file}`, bytesMax);
    return stored?.bytes ?? new Fault('dataset.no-picture', 'it is gone');
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function sorted(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => compareText(a, b)));
}
