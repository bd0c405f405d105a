// What detr-model stores, and what its port does.

import { type ConfigOf, contract } from '@tapcase/define-node';
import type { Detection, Picture, Size } from '@tapcase/domain';
import type { RunStages } from './detector.ts';

/** What a detection must score above: a part of 1, which none reaches. */
export const SCORE = { kind: 'number', min: 0, max: 0.999 } as const;

export const detrModel = contract({
  type: 'detr-model',
  category: 'config',
  properties: {
    folder: { kind: 'text', default: '', required: true, icon: 'folder-o' },
    /** A Pi 4 has four cores: three leave one for the cameras and Node-RED. */
    threads: { kind: 'number', default: 3, min: 1, max: 64, whole: true },
    /** As in DetrModel. */
    threshold: { ...SCORE, default: 0.7 },
  },
});

export type DetrModelConfig = ConfigOf<typeof detrModel>;

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
