// What picture-store stores, and what its port keeps.

import { configText, parsed, readFields } from '@tapcase/define-node';
import { Fault, type PictureKind, type PictureUpload } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  folder: { value: '${EVIDENCE_DIR}', required: true },
  megabytes: { value: '5000', required: true },
  days: { value: '30', required: true },
} as const;

export interface PictureStoreConfig {
  readonly folder: string;
  readonly bytesMax: number;
  readonly ageMsMax: number;
}

/** The port of the picture-store config node: the pictures of visits, in files. Several clouds may share one folder. */
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

const MEGABYTE = 1_000_000;
const DAY_MS = 86_400_000;

export function parseConfig(raw: unknown): PictureStoreConfig | Fault {
  const folder = configText(raw, 'folder');
  if (folder === '')
    return new Fault('picture.no-folder', 'no folder is given, or its environment variable is not set');
  return parsed(() => {
    const read = readFields(raw, 'config.invalid');
    return {
      folder,
      bytesMax: read.whole('megabytes', { min: 1, max: 100_000_000 }) * MEGABYTE,
      ageMsMax: read.whole('days', { min: 1, max: 3650 }) * DAY_MS,
    };
  });
}

/** Before and after of as many cameras as a report may name, each with its facts. */
export const FILES_OF_VISIT_MAX = 64;

export function fileIn({ moment, camera, kind }: { moment: string; camera: string; kind: PictureKind }): string {
  return `${moment}-${camera}.${kind}`;
}
