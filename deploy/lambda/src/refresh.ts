// Brings one visit's part of the dataset up to date with what lies in the bucket. It reads what is there and never what an
// event says: so events may come twice, late, or in any order, and whoever comes last has seen everything.
import { Fault, readPart } from '@tapcase/domain';
import { type Bucket, EVIDENCE, IMAGES, PARTS, TRIES_MAX } from './bucket.ts';
import { readVisit } from './read-visit.ts';
import type { StoredPart, VisitPlace } from './stored-part.ts';

/** Sixteen cameras, two moments, two files each, and a decision: and as much again that does not belong there. */
const FILES_MAX = 130;
/** A thousand boxes for each of 32 pictures. */
export const PART_BYTES_MAX = 8 * 1024 * 1024;

export type Refreshed = 'written' | 'unchanged';

/** Throws `dataset.contended` where others were first each time, and whatever S3 throws: the event then comes again. */
export async function refreshVisit(
  bucket: Bucket,
  place: VisitPlace,
  pseudonym: (caseId: string) => string,
): Promise<Refreshed> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const done = await attempt(bucket, place, pseudonym(place.caseId));
    if (done !== 'others first') return done;
  }
  throw new Fault('dataset.contended', `others were first ${TRIES_MAX} times`, { visit: place.visit });
}

/**
 * What is to be replaced is read before what it is made of. Had anything come since, whoever made it into the part has
 * changed the part's ETag, and this write fails.
 */
async function attempt(bucket: Bucket, place: VisitPlace, caseName: string): Promise<Refreshed | 'others first'> {
  const own = `${caseName}-${place.visit}`;
  const partKey = `${PARTS}${own}.json`;
  const old = await bucket.read(partKey, PART_BYTES_MAX);
  const oldText = old === null ? '' : new TextDecoder().decode(old.bytes);
  const images = await bucket.list(`${IMAGES}${own}-`, FILES_MAX);
  const files = await bucket.list(`${EVIDENCE}${place.caseId}/${place.visit}/`, FILES_MAX);
  const part = await readVisit({ bucket, place, caseName, files, images, before: storedPart(oldText) });
  if (part === 'others first') return part;
  const text = JSON.stringify(part);
  if (text === oldText) return 'unchanged';
  const expected = old === null ? 'absent' : { etag: old.etag };
  const isWritten = await bucket.write(partKey, new TextEncoder().encode(text), 'application/json', expected);
  return isWritten ? 'written' : 'others first';
}

/** null where there is none, or another release's: then it is made from the start. */
function storedPart(text: string): StoredPart | null {
  const part = readPart(text);
  if (part instanceof Fault) return null;
  const { sources, skipped } = part as Partial<StoredPart>;
  return sources === undefined || skipped === undefined ? null : (part as StoredPart);
}
