// Whether bytes are what their name says: a JPEG by its first bytes, or the facts beside one. Pure.
import {
  Fault,
  PICTURE_BYTES_MAX,
  PICTURE_FACTS_BYTES_MAX,
  type PictureUpload,
  parsePictureFacts,
} from '@tapcase/domain';

/** JPEG's SOI and the marker that must follow (ITU-T T.81, B.1.1.3). */
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff]);

/** undefined, `picture.too-large`, `picture.not-a-picture` or `picture.bad-facts`. */
export function checkContent(upload: PictureUpload, bytes: Uint8Array): Fault | undefined {
  const bytesMax = upload.kind === 'jpg' ? PICTURE_BYTES_MAX : PICTURE_FACTS_BYTES_MAX;
  if (bytes.length > bytesMax) return new Fault('picture.too-large', `${bytes.length} bytes, limit ${bytesMax}`);
  if (upload.kind === 'json') return checkFacts(upload, bytes);
  if (JPEG_START.equals(bytes.subarray(0, JPEG_START.length))) return undefined;
  return new Fault('picture.not-a-picture', 'not a JPEG');
}

function checkFacts(upload: PictureUpload, bytes: Uint8Array): Fault | undefined {
  const facts = readFacts(bytes);
  if (facts instanceof Fault) return facts;
  const { visit, moment, camera } = facts;
  if (visit === upload.visit && moment === upload.moment && camera === upload.camera) return undefined;
  return new Fault('picture.bad-facts', 'the facts are of another picture');
}

/** Total: any bytes give the facts or `picture.bad-facts`. */
export function readFacts(bytes: Uint8Array): ReturnType<typeof parsePictureFacts> {
  try {
    return parsePictureFacts(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return new Fault('picture.bad-facts', 'not JSON');
  }
}
