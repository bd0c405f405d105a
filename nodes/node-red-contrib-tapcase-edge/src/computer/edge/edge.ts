// The tapcase-edge config node: files that survive a pulled plug, and what is set of this computer.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfigNode } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { type DeviceState, type DeviceStateConfig, edge, parseConfig } from './contract.ts';

export default defineConfigNode<DeviceStateConfig, DeviceState>({
  ...edge,
  parseConfig,
  open: ({ folder, settings }) => ({
    settings,
    read: (name) => {
      try {
        return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as unknown;
      } catch {
        return undefined;
      }
    },
    write: (name, value) => {
      try {
        mkdirSync(folder, { recursive: true });
        writeDurably(folder, `${name}.json`, JSON.stringify(value));
      } catch (cause) {
        throw new Fault('state.unwritable', `cannot write ${name}`, { name }, cause);
      }
    },
  }),
});

/** On the disk first, then renamed, then the folder on the disk too: the old file or the new one, never half of it. */
function writeDurably(folder: string, name: string, text: string): void {
  const draft = join(folder, `${name}.new`);
  withFile(draft, 'w', (file) => {
    writeFileSync(file, text);
    fsyncSync(file);
  });
  renameSync(draft, join(folder, name));
  withFile(folder, 'r', fsyncSync);
}

/** A full disk must not also leave a file open with every try. */
function withFile(path: string, flags: 'r' | 'w', use: (file: number) => void): void {
  const file = openSync(path, flags);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
