// What device-state stores, and what its port keeps.

import { configText } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  folder: { value: '${DEVICE_STATE_DIR}', required: true },
} as const;

/** The port of the device-state config node: small JSON values by name, each durable when `write` returns. */
export interface DeviceState {
  /** What was written under the name; undefined when nothing was, or when the file is damaged. */
  read(name: string): unknown;
  /** Throws `state.unwritable`. */
  write(name: string, value: unknown): void;
}

export function parseConfig(raw: unknown): { readonly folder: string } | Fault {
  const folder = configText(raw, 'folder');
  if (folder !== '') return { folder };
  return new Fault('state.no-folder', 'no folder is given, or its environment variable is not set');
}
