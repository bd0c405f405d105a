// What detr-detect stores, and the picture a message must bring.

import { asFields, contract } from '@tapcase/define-node';
import { Fault, type Picture, parsePicture } from '@tapcase/domain';
import { SCORE } from '../detr-model/contract.ts';

export const detrDetect = contract({
  type: 'detr-detect',
  category: 'vision',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-search',
  inputs: 1,
  outputs: ['detected'],
  properties: {
    model: { kind: 'ref', to: 'detr-model', required: true },
    /** Empty: the model's. */
    threshold: { ...SCORE, hint: true },
  },
});

export interface DetectMessage {
  readonly picture: Picture;
  /** The camera of a live picture; null for evidence of a visit, which is never given up for a live one. */
  readonly camera: string | null;
}

const CAMERA_LENGTH_MAX = 40;

/** `msg.image` and whether there is a `msg.look`; `image.malformed` or `image.too-large`. */
export function parseMessage(raw: unknown): DetectMessage | Fault {
  const { image, look } = asFields(raw);
  const picture = parsePicture(image);
  if (picture instanceof Fault) return picture;
  const isEvidence = typeof look === 'object' && look !== null;
  const camera = String(asFields(image).camera ?? '').slice(0, CAMERA_LENGTH_MAX);
  return { picture, camera: isEvidence ? null : camera };
}
