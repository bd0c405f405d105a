// The images of firmware that npm run firmware:build has made: what nodes find of them, and where the shop's dialog says they lie.

import { configText } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export interface FirmwareStoreConfig {
  readonly folder: string;
}

export interface Release {
  readonly number: number;
  readonly version: string;
}

/** When a case was offered a release, and whether it had an update behind it then that it gave up. */
export interface Offered {
  readonly atMs: number;
  readonly hadFailed: boolean;
}

/** Several clouds may share one folder. */
export interface FirmwareStore {
  /** The latest with this version. Throws `firmware.unknown-version` or `firmware.bad-image`. */
  release(version: string): Promise<Release>;
  /** A file of a release; undefined where there is none. Its manifest and signature too, under their names on the disk. */
  read(number: number, name: string): Promise<Buffer | undefined>;
  /** By case. */
  offered(number: number): Promise<ReadonlyMap<string, Offered>>;
  /** Once a case and release; the first time counts. Throws `firmware.unwritable`. */
  markOffered(number: number, caseId: string, offered: Offered): Promise<void>;
}

export const MANIFEST_FILE = 'manifest.json';
export const SIGNATURE_FILE = 'manifest.sig';

export function readFirmware(raw: unknown): FirmwareStoreConfig | Fault {
  const folder = configText(raw, 'firmwareFolder');
  if (folder !== '') return { folder };
  return new Fault('firmware.no-folder', 'no folder is given, or its environment variable is not set');
}
