// What detr-detect stores, and the picture a message must bring.
import { Fault, parseImage, type RgbImage } from '@tapcase/domain';
import { asFields } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  model: { value: '', type: 'detr-model', required: true },
  threshold: { value: '0.7', required: true },
} as const;

export interface DetrDetectConfig {
  readonly model: string;
  /** 0..1; a detection must score above it. */
  readonly threshold: number;
}

export function parseConfig(raw: unknown): DetrDetectConfig | Fault {
  const { model, threshold } = asFields(raw);
  const number = Number(threshold);
  if (threshold === '' || !(number >= 0 && number < 1)) return new Fault('config.invalid', 'threshold wants 0 to 1');
  return { model: typeof model === 'string' ? model : '', threshold: number };
}

/** `msg.image`; `image.malformed` when width, height and bytes do not fit together. */
export function parseMessage(raw: unknown): RgbImage | Fault {
  return parseImage(asFields(raw).image);
}
