// What is set of the pictures that are kept, and what a message must bring: a picture, perhaps what was seen in it and whose
// evidence it is.

import { asFields, configText, fillEmpty, invalidProperty, phrase } from '@tapcase/define-node';
import { CAMERA_NAME, type Detection, Fault, IMAGE_EDGE_MAX, type Moment, VISIT_ID } from '@tapcase/domain';
import { type ShelfCut, travelledCut } from '../../camera/shelf-cut.ts';

export interface AlbumConfig {
  /** undefined: pictures are shown and not kept. */
  readonly folder: string | undefined;
  /** Longer edge of what is kept and shown, in pixels. */
  readonly edgeMax: number;
  /** JPEG, 1 to 100. */
  readonly quality: number;
  readonly bytesMax: number;
  readonly ageMsMax: number;
}

const MEGABYTE = 1_000_000;
const DAY_MS = 86_400_000;

const BOUNDS = {
  edge: [64, 4096],
  quality: [1, 100],
  megabytes: [1, 1_000_000],
  days: [0.01, 365],
} as const;
type Bounded = keyof typeof BOUNDS;

/** From the settings of this computer; what is empty there is as shipped. */
export const fillAlbum = fillEmpty(
  {
    folder: 'snapshotsFolder',
    edge: 'snapshotEdge',
    quality: 'snapshotQuality',
    megabytes: 'snapshotMegabytes',
    days: 'snapshotDays',
  },
  { edge: 1280, quality: 80, megabytes: 500, days: 7 },
);

export function parseAlbum(raw: unknown): AlbumConfig | Fault {
  const folder = configText(raw, 'folder');
  if (folder === '') return invalidProperty('folder', phrase('wants a path, or none'));
  const numbers: Record<string, number> = {};
  for (const [name, [min, max]] of Object.entries(BOUNDS)) {
    const text = asFields(raw)[name];
    const value = typeof text === 'string' && text.trim() === '' ? Number.NaN : Number(text);
    if (!(value >= min && value <= max)) {
      return invalidProperty(name, phrase('wants a number from __min__ to __max__', { min, max }));
    }
    numbers[name] = value;
  }
  const { edge, quality, megabytes, days } = numbers as Record<Bounded, number>;
  return {
    folder: folder === 'none' ? undefined : folder,
    edgeMax: Math.round(edge),
    quality: Math.round(quality),
    bytesMax: megabytes * MEGABYTE,
    ageMsMax: days * DAY_MS,
  };
}

/** The forms in which a picture travels. */
export type Picture =
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array }
  | { readonly kind: 'rgb'; readonly width: number; readonly height: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'i420';
      readonly width: number;
      readonly height: number;
      readonly bytes: Uint8Array;
      /** Bytes from one row of Y to the next; half as many, rounded up, in U and V. */
      readonly stride: number;
      readonly isFullRange: boolean;
    };

/** Whose evidence a picture is, and how it will be called. */
export interface Keeping {
  /** undefined: of the visit whose `before` this camera kept last. Whoever sees a door fall shut need not know whose it was. */
  readonly visit: string | undefined;
  readonly moment: Moment;
  readonly camera: string;
}

export interface PictureMessage {
  readonly picture: Picture;
  /** What its camera says is shelf. */
  readonly shelf: ShelfCut | undefined;
  /** Unix milliseconds; undefined: now. */
  readonly atMs: number | undefined;
  readonly model: string | null;
  readonly threshold: number | null;
  readonly boxes: readonly Detection[];
  /** Size of the picture that the boxes are in; undefined: this one's. */
  readonly seenIn: { readonly width: number; readonly height: number } | undefined;
  /** undefined: a live picture. */
  readonly keep: Keeping | undefined;
}

/** `image.malformed`, or `snapshot.bad-name` where visit, moment or camera cannot be part of a file's name. */
export function parsePicture(raw: unknown): PictureMessage | Fault {
  const message = asFields(raw);
  const picture = pictureOf(asFields(message.image));
  if (picture instanceof Fault) return picture;
  const { atMs, camera = message.camera, shelf: said } = asFields(message.image);
  const shelf = travelledCut(said);
  // Kept whole it would show who stands beside the shelf.
  if (said !== undefined && shelf === undefined) return new Fault('image.malformed', 'msg.image.shelf is no cut');
  const keep = keepingOf(asFields(message.look), camera);
  if (keep instanceof Fault) return keep;
  const { model, threshold, boxes, size } = asFields(message.detections);
  const { width, height } = asFields(size);
  return {
    picture,
    shelf,
    atMs: typeof atMs === 'number' && Number.isSafeInteger(atMs) && atMs >= 0 ? atMs : undefined,
    model: typeof model === 'string' ? model.slice(0, 40) : null,
    threshold: isPart(threshold) ? threshold : null,
    boxes: Array.isArray(boxes) ? boxes.filter(isDetection) : [],
    seenIn: isEdge(width) && isEdge(height) ? { width, height } : undefined,
    keep,
  };
}

/** A still of the largest size that is taken, hardly compressed. */
const ENCODED_BYTES_MAX = 20_000_000;

function pictureOf(image: Readonly<Record<string, unknown>>): Picture | Fault {
  const { encoded, rgb, i420, width, height } = image;
  if (encoded instanceof Uint8Array) {
    if (encoded.length > 0 && encoded.length <= ENCODED_BYTES_MAX) return { kind: 'encoded', bytes: encoded };
    return new Fault('image.malformed', `a picture of ${encoded.length} bytes`);
  }
  if (!isEdge(width) || !isEdge(height)) return new Fault('image.malformed', 'no picture, or none of a usable size');
  if (rgb instanceof Uint8Array && rgb.length === width * height * 3) return { kind: 'rgb', width, height, bytes: rgb };
  const { stride = width, range } = image;
  if (!(i420 instanceof Uint8Array) || !isEdge(stride) || stride < width) {
    return new Fault('image.malformed', `${width} x ${height} and its bytes do not fit together`);
  }
  const chroma = Math.ceil(stride / 2) * Math.ceil(height / 2);
  if (i420.length < stride * height + 2 * chroma) return new Fault('image.malformed', 'I420 with too few bytes');
  return { kind: 'i420', width, height, bytes: i420, stride, isFullRange: range === 'full' };
}

function keepingOf(look: Readonly<Record<string, unknown>>, camera: unknown): Keeping | undefined | Fault {
  const { visit, moment } = look;
  const isOpen = visit === undefined || visit === null;
  if (isOpen && moment !== 'after') return undefined;
  const isNamed = isOpen || (typeof visit === 'string' && VISIT_ID.test(visit));
  const isCamera = typeof camera === 'string' && CAMERA_NAME.test(camera);
  if (isNamed && isCamera && (moment === 'before' || moment === 'after')) {
    return { visit: isOpen ? undefined : visit, moment, camera };
  }
  return new Fault('snapshot.bad-name', 'visit, moment or camera cannot name a file');
}

function isDetection(value: unknown): value is Detection {
  const { label, score, x, y, w, h } = asFields(value);
  return typeof label === 'string' && isPart(score) && [x, y, w, h].every((number) => Number.isFinite(number));
}

function isPart(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function isEdge(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= IMAGE_EDGE_MAX;
}
