// What a node that hands over firmware stores: whether it offers a release or serves the files of one.
import { type ConfigOf, contract } from '@tapcase/define-node';

export const tapcaseFirmware = contract({
  type: 'tapcase-firmware',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-microchip',
  inputs: 1,
  outputs: ['answered'],
  properties: {
    step: { kind: 'choice', of: ['offer', 'file'], default: 'offer', icon: 'exchange' },
    shop: { kind: 'ref', to: 'tapcase-shop', required: true, icon: 'building' },
    // A file is served without one.
    ledger: { kind: 'ref', to: 'tapcase-ledger', icon: 'book', tip: true },
  },
});

export type FirmwareConfig = ConfigOf<typeof tapcaseFirmware>;
export type Output = (typeof tapcaseFirmware.outputs)[number];
