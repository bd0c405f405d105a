// What detr-model stores, and what its port does.
import { type Detection, Fault, type RgbImage } from '@tapcase/domain';
import { asFields, configText } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  folder: { value: '', required: true },
  threads: { value: '3' },
} as const;

export interface DetrModelConfig {
  readonly folder: string;
  /** A Pi 4 has four cores: three leave one for the cameras and Node-RED. */
  readonly threads: number;
}

export interface DetrResult {
  /** First 12 hex digits of the model file's SHA-256. */
  readonly model: string;
  readonly boxes: readonly Detection[];
  /** From the request to the answer. */
  readonly ms: number;
}

/** The port of the detr-model config node. */
export interface DetrModel {
  /**
   * Throws `detr.model-missing`, `detr.model-broken`, `detr.model-unfit`, `detr.bad-output`, `detr.superseded`,
   * `detr.timeout`, `detr.crashed` or `detr.closing`.
   */
  detect(image: RgbImage, threshold: number): Promise<DetrResult>;
  close(): Promise<void>;
}

const THREADS_MAX = 64;

export function parseConfig(raw: unknown): DetrModelConfig | Fault {
  const folder = configText(raw, 'folder');
  if (folder === '') return new Fault('config.invalid', 'no folder of a model is given');
  const threads = Number(asFields(raw).threads ?? 3);
  if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX) {
    return new Fault('config.invalid', `threads wants 1 to ${THREADS_MAX}`);
  }
  return { folder, threads };
}
