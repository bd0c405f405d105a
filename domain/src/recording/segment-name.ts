// What a file of recorded video is called: a card read anywhere else explains itself by its names.
import { VISIT_ID } from '../protocol/payloads.ts';

/** A visit of which the segment shows something; pinned ones outlive the ring. */
export interface Mark {
  readonly visit: string;
  readonly pinned: boolean;
}

/**
 * `<camera>_<YYYYMMDDTHHMMSSZ>.mp4` while it is written, `<camera>_<time>_<n>s[_<visit>|_pin-<visit>]….mp4` once closed.
 * A name without seconds on a card is the file that was being written when the plug was pulled.
 */
export interface SegmentName {
  readonly camera: string;
  /** Unix milliseconds, whole seconds: what the clock said when the file was opened. */
  readonly startMs: number;
  /** 1; 2 and more where the clock went back and a name was taken: `…Z-2_20s.mp4`. */
  readonly copy: number;
  /** Whole seconds of video; undefined while the file is written. */
  readonly seconds: number | undefined;
  readonly marks: readonly Mark[];
}

/** Eight marks of 28 letters and the rest stay below the 255 bytes that file systems give a name. */
export const MARKS_MAX = 8;
/** Four digits, so that a length is never taken for a visit, which has six letters or more. */
const SECONDS_MAX = 9_999;
/** What a camera may be called where its name becomes part of a file's. */
export const RECORDED_CAMERA = /^[A-Za-z0-9-]{1,16}$/;
const NAME =
  /^([A-Za-z0-9-]{1,16})_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-(\d{1,3}))?(?:_(\d{1,4})s((?:_(?:pin-)?[a-z0-9]{6,24})*))?\.mp4$/;

/** Undefined for a file that is not a segment: it is left alone. */
export function parseSegmentName(file: string): SegmentName | undefined {
  const match = NAME.exec(file);
  if (match === null) return undefined;
  const [, camera, year, month, day, hour, minute, second, copy, seconds, marks] = match;
  const startMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(startMs)) return undefined;
  const name: SegmentName = {
    camera: camera!,
    startMs,
    copy: copy === undefined ? 1 : Number(copy),
    seconds: seconds === undefined ? undefined : Number(seconds),
    marks: parseMarks(marks ?? ''),
  };
  // Only names that we would give ourselves: the 31st of February and a visit named twice are somebody else's.
  return segmentFile(name) === file ? name : undefined;
}

export function segmentFile({ camera, startMs, copy, seconds, marks }: SegmentName): string {
  const time = new Date(startMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const stem = `${camera}_${time}${copy > 1 ? `-${copy}` : ''}`;
  if (seconds === undefined) return `${stem}.mp4`;
  const parts = marks.slice(0, MARKS_MAX).map(({ visit, pinned }) => `_${pinned ? 'pin-' : ''}${visit}`);
  return `${stem}_${Math.min(SECONDS_MAX, Math.max(1, Math.round(seconds)))}s${parts.join('')}.mp4`;
}

/** What stays the same however often a segment is renamed. */
export function segmentKey({ camera, startMs, copy }: Pick<SegmentName, 'camera' | 'startMs' | 'copy'>): string {
  return `${camera}_${startMs}_${copy}`;
}

export function isVisit(name: unknown): name is string {
  return typeof name === 'string' && VISIT_ID.test(name);
}

function parseMarks(text: string): readonly Mark[] {
  const visits = new Map<string, Mark>();
  for (const part of text.split('_').slice(1)) {
    const pinned = part.startsWith('pin-');
    const visit = pinned ? part.slice('pin-'.length) : part;
    visits.set(visit, { visit, pinned });
  }
  return [...visits.values()];
}
