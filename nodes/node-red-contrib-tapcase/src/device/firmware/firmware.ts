// Firmware for the controllers: which release a case is offered now, and the files of all releases.
import { defineNode, partsBy } from '@tapcase/define-node';
import { tapcaseFirmware } from './contract.ts';
import { file } from './file.ts';
import { offer } from './offer.ts';

export default defineNode({
  ...tapcaseFirmware,
  ...partsBy('step', { offer, file }),
});
