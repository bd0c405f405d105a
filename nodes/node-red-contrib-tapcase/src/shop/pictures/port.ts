// The pictures of visits: what nodes can do with them, and how the ledger's dialog sets where and how long they are kept.

import { configText, parsed, readFields } from '@tapcase/define-node';
import { Fault, type PictureKind, type PictureUpload } from '@tapcase/domain';

export interface PictureStoreConfig {
  readonly folder: string;
  readonly bytesMax: number;
  readonly ageMsMax: number;
}

/** The pictures of visits, in files. Several clouds may share one folder. */
export interface PictureStore {
  /**
   * `same` where it was there already. Throws `picture.differs` (what is evidence is never replaced), `picture.too-many`
   * or `picture.unwritable`.
   */
  keep(picture: PictureUpload, bytes: Uint8Array, nowMs: number): Promise<'kept' | 'same'>;
  /** What is there of a visit, in the order of its names. */
  list(caseId: string, visit: string): Promise<readonly PictureUpload[]>;
  /** undefined where it is not there, or not any more. */
  read(picture: PictureUpload): Promise<Buffer | undefined>;
  /** Removes what is too old, then the oldest until the rest fits; how many files went. */
  prune(nowMs: number): Promise<number>;
}

export const MEGABYTES_MAX = 100_000_000;
export const DAYS_MAX = 3650;
const MEGABYTE = 1_000_000;
const DAY_MS = 86_400_000;

export function readPictures(raw: unknown): PictureStoreConfig | Fault {
  const folder = configText(raw, 'picturesFolder');
  if (folder === '')
    return new Fault('picture.no-folder', 'no folder is given, or its environment variable is not set');
  return parsed(() => {
    const read = readFields(raw, 'config.invalid');
    return {
      folder,
      bytesMax: read.whole('picturesMegabytes', { min: 1, max: MEGABYTES_MAX }) * MEGABYTE,
      ageMsMax: read.whole('picturesDays', { min: 1, max: DAYS_MAX }) * DAY_MS,
    };
  });
}

/** Before and after of as many cameras as a report may name, each with its facts. */
export const FILES_OF_VISIT_MAX = 64;

export function fileIn({ moment, camera, kind }: { moment: string; camera: string; kind: PictureKind }): string {
  return `${moment}-${camera}.${kind}`;
}
