// The firmware-store config node: images of firmware, and who was offered which.
import { defineConfigNode } from '@tapcase/define-node';
import { defaults, type FirmwareStore, type FirmwareStoreConfig, parseConfig } from './contract.ts';
import { firmwareFolder } from './folder.ts';

export default defineConfigNode<FirmwareStoreConfig, FirmwareStore>({
  type: 'firmware-store',
  defaults,
  parseConfig,
  open: firmwareFolder,
});
