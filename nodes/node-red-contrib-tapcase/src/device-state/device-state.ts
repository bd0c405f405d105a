// The device-state config node: files that survive a pulled plug.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfigNode } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { type DeviceState, parseConfig } from './contract.ts';

export default defineConfigNode<{ readonly folder: string }, DeviceState>({
  type: 'device-state',
  parseConfig,
  open: ({ folder }) => ({
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
        const path = join(folder, `${name}.json`);
        // On the disk first, then renamed: the old file or the new one, never half of it.
        const file = openSync(`${path}.new`, 'w');
        writeSync(file, JSON.stringify(value));
        fsyncSync(file);
        closeSync(file);
        renameSync(`${path}.new`, path);
      } catch (cause) {
        throw new Fault('state.unwritable', `cannot write ${name}`, { name }, cause);
      }
    },
  }),
});
