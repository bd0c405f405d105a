// What the ledger config node stores: the file of an embedded database. A server's address is a secret, so not here.
import { configText } from '@tapcase/define-node';

export const defaults = {
  name: { value: '' },
  file: { value: '${LEDGER_FILE}' },
  urlEnv: { value: 'DATABASE_URL' },
} as const;

export interface LedgerConfig {
  /** '' where a server is used. */
  readonly file: string;
}

/** A path longer than this fits no file system. */
const FILE_LENGTH_MAX = 1_000;

export function parseConfig(raw: unknown): LedgerConfig {
  return { file: configText(raw, 'file').slice(0, FILE_LENGTH_MAX) };
}
