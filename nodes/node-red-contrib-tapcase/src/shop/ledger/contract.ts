// What the ledger config node stores: the file of an embedded database, and where pictures lie. A server's address is a secret.
import { configText } from '@tapcase/define-node';
import type { Fault, Journal } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { type PictureStore, type PictureStoreConfig, readPictures } from '../pictures/port.ts';

export const defaults = {
  name: { value: '' },
  file: { value: '${LEDGER_FILE}' },
  urlEnv: { value: 'DATABASE_URL' },
  picturesFolder: { value: '${EVIDENCE_DIR}' },
  picturesMegabytes: { value: '5000' },
  picturesDays: { value: '30' },
} as const;

/** The port of the ledger config node. */
export type LedgerPort = Ledger & {
  /** In which stripe-capture writes its steps. */
  readonly journal: Journal;
  /** What is wrong with the pictures stops whoever needs them, and nobody else. */
  readonly pictures: PictureStore | Fault;
};

export interface LedgerConfig {
  /** '' where a server is used. */
  readonly file: string;
  readonly pictures: PictureStoreConfig | Fault;
}

/** A path longer than this fits no file system. */
const FILE_LENGTH_MAX = 1_000;

export function parseConfig(raw: unknown): LedgerConfig {
  return { file: configText(raw, 'file').slice(0, FILE_LENGTH_MAX), pictures: readPictures(raw) };
}
