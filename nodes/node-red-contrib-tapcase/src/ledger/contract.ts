// What the ledger config node stores: where the database is.
import { Fault } from '@tapcase/domain';
import { configText } from '../messages.ts';

export const defaults = {
  name: { value: '' },
  file: { value: '${LEDGER_FILE}', required: true },
} as const;

/** A path longer than this fits no file system. */
const FILE_LENGTH_MAX = 1_000;

export function parseConfig(raw: unknown): { readonly file: string } | Fault {
  const file = configText(raw, 'file');
  if (file === '' || file.length > FILE_LENGTH_MAX) {
    return new Fault('ledger.no-file', 'no file is given, or its environment variable is not set');
  }
  return { file };
}
