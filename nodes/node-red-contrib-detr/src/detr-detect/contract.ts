// What detr-detect stores, and the picture a message must bring.

import { asFields } from '@tapcase/define-node';
import { Fault, type Picture, parsePicture } from '@tapcase/domain';
import { thresholdOf } from '../detr-model/contract.ts';

export const defaults = {
  name: { value: '' },
  model: { value: '', type: 'detr-model', required: true },
  threshold: { value: '' },
} as const;

export interface DetrDetectConfig {
  readonly model: string;
  /** 0..1; a detection must score above it. undefined: the model's. */
  readonly threshold: number | undefined;
}

export interface DetectMessage {
  readonly picture: Picture;
  /** The camera of a live picture; null for evidence of a visit, which is never given up for a live one. */
  readonly camera: string | null;
}

const CAMERA_LENGTH_MAX = 40;

export function parseConfig(raw: unknown): DetrDetectConfig | Fault {
  const { model, threshold: stored } = asFields(raw);
  const threshold = thresholdOf(stored, undefined);
  if (threshold instanceof Fault) return threshold;
  return { model: typeof model === 'string' ? model : '', threshold };
}

/** `msg.image` and whether there is a `msg.look`; `image.malformed` or `image.too-large`. */
export function parseMessage(raw: unknown): DetectMessage | Fault {
  const { image, look } = asFields(raw);
  const picture = parsePicture(image);
  if (picture instanceof Fault) return picture;
  const isEvidence = typeof look === 'object' && look !== null;
  const camera = String(asFields(image).camera ?? '').slice(0, CAMERA_LENGTH_MAX);
  return { picture, camera: isEvidence ? null : camera };
}
