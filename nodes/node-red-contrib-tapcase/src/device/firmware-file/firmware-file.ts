// Serves the files of firmware releases, whole or in ranges. Nothing in them is secret; who wrote them, the signature says.
import { defineNode } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { rangeAnswer } from '../firmware-range.ts';
import type { FirmwareStore } from '../firmware-store/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'firmware-file',
  outputs: ['answered'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const store = node.use<FirmwareStore>(config.store, 'firmware-store');
    return async ({ number, file, raw }) => {
      const bytes = await store.read(number, file);
      if (bytes === undefined) throw new Fault('firmware.unknown-file', 'no such file of a release');
      return { to: 'answered', add: rangeAnswer(raw, bytes, 'application/octet-stream'), status: `${number} ${file}` };
    };
  },
});
