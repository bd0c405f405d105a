// What detr-model stores, and what its port does.

import { asFields, configText } from '@tapcase/define-node';
import { type Detection, Fault, type Picture, type Size } from '@tapcase/domain';
import type { RunStages } from './detector.ts';

export const defaults = {
  name: { value: '' },
  folder: { value: '', required: true },
  threads: { value: '3' },
  threshold: { value: '0.7' },
} as const;

export interface DetrModelConfig {
  readonly folder: string;
  /** A Pi 4 has four cores: three leave one for the cameras and Node-RED. */
  readonly threads: number;
  /** As in DetrModel. */
  readonly threshold: number;
}

export interface DetrRequest {
  readonly picture: Picture;
  /** 0..1; a detection must score above it. */
  readonly threshold: number;
  /**
   * The live camera that this picture is of: it has one place, and a newer picture takes it. null: evidence, of which
   * eight may wait, and which goes first.
   */
  readonly lane: string | null;
}

/** Milliseconds: `waitMs` in the queue, for the model to load and on the way to its process; the rest in there. */
export interface DetrStages extends RunStages {
  readonly waitMs: number;
}

export interface DetrResult {
  /** First 12 hex digits of the model file's SHA-256: what travels in reports. */
  readonly model: string;
  /** What config.json calls the model, else its folder's name. */
  readonly name: string;
  readonly sha256: string;
  readonly boxes: readonly Detection[];
  /** Of the original picture, in whose pixels the boxes are. */
  readonly size: Size;
  /** From the request to the answer. */
  readonly ms: number;
  readonly stages: DetrStages;
}

/** What runs a model. */
export interface Detector {
  /**
   * Throws `detr.model-missing`, `detr.model-broken`, `detr.model-unfit`, `detr.bad-output`, `detr.superseded`,
   * `detr.timeout`, `detr.crashed`, `detr.closing`, `image.unreadable` or `image.too-large`.
   */
  detect(request: DetrRequest): Promise<DetrResult>;
  close(): Promise<void>;
}

/** The port of the detr-model config node. */
export interface DetrModel extends Detector {
  /** 0..1; what a detection must score above where nobody says otherwise. A model has one that suits it. */
  readonly threshold: number;
}

const THREADS_MAX = 64;

export function parseConfig(raw: unknown): DetrModelConfig | Fault {
  const folder = configText(raw, 'folder');
  if (folder === '') return new Fault('config.invalid', 'no folder of a model is given');
  const threads = Number(asFields(raw).threads ?? 3);
  if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX) {
    return new Fault('config.invalid', `threads wants 1 to ${THREADS_MAX}`);
  }
  const threshold = thresholdOf(asFields(raw).threshold, Number(defaults.threshold.value));
  return threshold instanceof Fault ? threshold : { folder, threads, threshold };
}

/** A score as dialogs store it; `otherwise` where none is given. */
export function thresholdOf<T>(stored: unknown, otherwise: T): number | T | Fault {
  if (stored === undefined || stored === null || String(stored).trim() === '') return otherwise;
  const threshold = Number(stored);
  return threshold >= 0 && threshold < 1 ? threshold : new Fault('config.invalid', 'threshold wants 0 to 1');
}
