// How a picture of a visit is named, described and signed on its way from the Pi to the cloud.
import * as v from 'valibot';
import { Fault } from '../fault.ts';
import { VISIT_ID } from './payloads.ts';
import { CASE_ID } from './topics.ts';

/** Before the door opened, or after it was shut. */
export type Moment = 'before' | 'after';

export interface PictureName {
  readonly visit: string;
  readonly moment: Moment;
  /** The camera's name in reports: "0", "1". */
  readonly camera: string;
}

/** What a camera may be called where its pictures become files: the wire's eight characters, and never a path. */
export const CAMERA_NAME = /^[A-Za-z0-9_-]{1,8}$/;

/** A 1280 x 720 JPEG takes some 200 kB; this is also what the cloud's web server lets through. */
export const PICTURE_BYTES_MAX = 2 * 1024 * 1024;
/** What is said beside a picture: some 300 boxes of 100 bytes. */
export const PICTURE_FACTS_BYTES_MAX = 64 * 1024;

/**
 * An upload may be signed this long before or after the cloud's now. More than a frame's 30 s, because the body may take
 * minutes on a slow line; harmless, because the same upload again changes nothing.
 */
export const UPLOAD_SKEW_SECONDS_MAX = 300;

export type PictureKind = 'jpg' | 'json';

/** The picture's file beside its facts: `<visit>-<moment>-<camera>.<kind>`, as the Pi keeps it. */
export function pictureFile({ visit, moment, camera }: PictureName, kind: PictureKind): string {
  return `${visit}-${moment}-${camera}.${kind}`;
}

const FILE = /^([a-z0-9]{6,24})-(before|after)-([A-Za-z0-9_-]{1,8})\.(jpg|json)$/;

export function parsePictureFile(file: string): (PictureName & { readonly kind: PictureKind }) | undefined {
  const [, visit, moment, camera, kind] = FILE.exec(file) ?? [];
  if (visit === undefined || camera === undefined) return undefined;
  return { visit, moment: moment as Moment, camera, kind: kind as PictureKind };
}

export interface PictureUpload extends PictureName {
  readonly caseId: string;
  readonly kind: PictureKind;
}

/** Where the Pi puts it, and what it signs. */
export function uploadPath({ caseId, visit, moment, camera, kind }: PictureUpload): string {
  return `/api/evidence/${caseId}/${visit}/${moment}-${camera}.${kind}`;
}

/** The parts of an upload's path, or `picture.bad-name`: every part is checked before it can become part of a path. */
export function parseUpload(caseId: string, visit: string, name: string): PictureUpload | Fault {
  const parsed = VISIT_ID.test(visit) && CASE_ID.test(caseId) ? parsePictureFile(`${visit}-${name}`) : undefined;
  return parsed === undefined
    ? new Fault('picture.bad-name', 'not the name of a picture of a visit')
    : { caseId, ...parsed };
}

/**
 * What the Pi's key signs (HMAC-SHA256): method, path, unix seconds and the SHA-256 of the body in hex, one a line. It
 * begins with `PUT`, so that it can never be a frame, whose text begins with its topic.
 */
export function uploadText(path: string, atSeconds: number, bodySha256Hex: string): Uint8Array {
  // All of it is ASCII: the path's parts were checked.
  return Uint8Array.from(`PUT\n${path}\n${atSeconds}\n${bodySha256Hex}`, (letter) => letter.charCodeAt(0));
}

/** The headers that carry the signature. */
export const UPLOAD_HEADERS = { at: 'x-tapcase-at', mac: 'x-tapcase-mac' } as const;

const pixels = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(16_384));
const edge = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(16_384));

const factsSchema = v.object({
  visit: v.pipe(v.string(), v.regex(VISIT_ID)),
  moment: v.picklist(['before', 'after']),
  camera: v.pipe(v.string(), v.regex(CAMERA_NAME)),
  /** Unix milliseconds at which the picture was there. */
  atMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  width: edge,
  height: edge,
  /** As in reports; null where no model could run. */
  model: v.nullable(v.pipe(v.string(), v.maxLength(40))),
  threshold: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  /** In pixels of this picture. */
  boxes: v.pipe(
    v.array(
      v.object({
        label: v.pipe(v.string(), v.maxLength(60)),
        score: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
        x: pixels,
        y: pixels,
        w: pixels,
        h: pixels,
      }),
    ),
    v.maxLength(300),
  ),
});

/** What is kept beside a picture. */
export type PictureFacts = v.InferOutput<typeof factsSchema>;

/** Bounds that whoever writes the facts keeps to. */
export const PICTURE_BOXES_MAX = 300;
export const PICTURE_LABEL_MAX = 60;

/** Total: any value gives the facts or `picture.bad-facts`. */
export function parsePictureFacts(value: unknown): PictureFacts | Fault {
  const result = v.safeParse(factsSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  return new Fault('picture.bad-facts', `${v.getDotPath(issue) ?? '(whole)'}: ${issue.message}`);
}
