// Serves the files of firmware releases, whole or in ranges. Nothing in them is secret; who wrote them, the signature says.
import { part, shows } from '@tapcase/define-node';
import { Fault, orThrow } from '@tapcase/domain';
import { paramOf } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { FirmwareConfig, Output } from './contract.ts';
import { rangeAnswer } from './range.ts';

interface FileQuestion {
  /** Not a number where the path names none. */
  readonly number: number;
  readonly name: string;
  readonly raw: unknown;
}

export const file = part<FirmwareConfig, FileQuestion, Output>({
  parseMessage: (raw) => ({ number: Number(paramOf(raw, 'number')), name: paramOf(raw, 'file'), raw }),
  build: (config, node) => {
    const store = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').firmware);
    return async ({ number, name, raw }) => {
      const bytes = await store.read(number, name);
      if (bytes === undefined) throw new Fault('firmware.unknown-file', 'no such file of a release');
      return {
        to: 'answered',
        add: rangeAnswer(raw, bytes, 'application/octet-stream'),
        status: shows(`${number} ${name}`),
      };
    };
  },
});
