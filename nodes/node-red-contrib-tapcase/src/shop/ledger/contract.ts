// What the ledger config node stores: the file of an embedded database, and where pictures lie. A server's address is a secret.
import { asFields, configText, contract, isGiven } from '@tapcase/define-node';
import type { Fault, Journal } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { DAYS_MAX, MEGABYTES_MAX, type PictureStore, type PictureStoreConfig, readPictures } from '../pictures/port.ts';

export const ledger = contract({
  type: 'tapcase-ledger',
  category: 'config',
  properties: {
    file: { kind: 'text', default: '${LEDGER_FILE}' },
    url: { kind: 'secret', env: 'DATABASE_URL', icon: 'database' },
    picturesFolder: { kind: 'text', default: '${EVIDENCE_DIR}', icon: 'folder-o', group: 'pictures' },
    picturesMegabytes: {
      kind: 'number',
      default: 5_000,
      min: 1,
      max: MEGABYTES_MAX,
      whole: true,
      unit: 'MB',
      group: 'pictures',
    },
    picturesDays: { kind: 'number', default: 30, min: 1, max: DAYS_MAX, whole: true, unit: 'days', group: 'pictures' },
  },
});

export const { defaults } = ledger;

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
  return { file: configText(raw, 'file').slice(0, FILE_LENGTH_MAX), pictures: readPictures(withNumbers(raw)) };
}

/** An empty field has its default, as its dialog shows. */
function withNumbers(raw: unknown): Readonly<Record<string, unknown>> {
  const fields = asFields(raw);
  const { picturesMegabytes, picturesDays } = fields;
  return {
    ...fields,
    picturesMegabytes: isGiven(picturesMegabytes) ? picturesMegabytes : defaults.picturesMegabytes?.value,
    picturesDays: isGiven(picturesDays) ? picturesDays : defaults.picturesDays?.value,
  };
}
