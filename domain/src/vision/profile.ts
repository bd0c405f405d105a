// What sets the model families apart: how they score, and what holds where their configuration is silent.
import * as v from 'valibot';
import { Fault } from '../fault.ts';
import { COCO_LABELS } from './coco.ts';
import type { Labels, Rgb, SizeRule } from './model-facts.ts';

export interface DetectorProfile {
  readonly family: 'detr' | 'rt-detr' | 'rf-detr';
  /**
   * `softmax`: one thing a query, the last class is "no object". `sigmoid`: each class of each query for itself, of
   * which the best count, as many as there are queries.
   */
  readonly scores: 'softmax' | 'sigmoid';
  /** Where preprocessor_config.json, or a line of it, is missing. */
  readonly defaults: {
    /** null: the size that the graph declares. */
    readonly size: SizeRule | null;
    readonly normalise: boolean;
    readonly mean: Rgb;
    readonly std: Rgb;
  };
  /** Only RF-DETR's own export comes without the two JSON files. */
  readonly configOptional: boolean;
  /** Where config.json gives none. */
  readonly labels: Labels | null;
}

const IMAGENET: { readonly mean: Rgb; readonly std: Rgb } = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** huggingface/transformers, image_processing_detr.py and modeling_detr.py. */
const DETR: DetectorProfile = {
  family: 'detr',
  scores: 'softmax',
  defaults: { size: { kind: 'edges', shortest: 800, longest: 1333 }, normalise: true, ...IMAGENET },
  configOptional: false,
  labels: null,
};

/** The same, image_processing_rt_detr.py: bytes become 0..1 and no more. */
const RT_DETR: DetectorProfile = {
  family: 'rt-detr',
  scores: 'sigmoid',
  defaults: { size: { kind: 'exact', height: 640, width: 640 }, normalise: false, ...IMAGENET },
  configOptional: false,
  labels: null,
};

/** roboflow/rf-detr, `model.export()`: the picture is stretched to the square of the graph; COCO's ids, with gaps. */
const RF_DETR: DetectorProfile = {
  family: 'rf-detr',
  scores: 'sigmoid',
  defaults: { size: null, normalise: true, ...IMAGENET },
  configOptional: true,
  labels: COCO_LABELS,
};

const PROFILES: Readonly<Record<string, DetectorProfile>> = {
  detr: DETR,
  'table-transformer': DETR,
  rt_detr: RT_DETR,
  rt_detr_v2: RT_DETR,
  d_fine: RT_DETR,
  rf_detr: RF_DETR,
};

const schema = v.object({ model_type: v.optional(v.string(), 'detr') });

/**
 * The profile for a `config.json`; without one (undefined) RF-DETR's, which alone comes so. `detr.model-unfit` for a
 * family that we do not read, `detr.model-broken` for what is no configuration.
 */
export function parseProfile(config: unknown): DetectorProfile | Fault {
  if (config === undefined) return RF_DETR;
  const result = v.safeParse(schema, config);
  if (!result.success) return new Fault('detr.model-broken', 'config.json: model_type is not a text');
  const type = result.output.model_type.replaceAll('rf-detr', 'rf_detr');
  const profile = Object.hasOwn(PROFILES, type) ? PROFILES[type] : undefined;
  if (profile !== undefined) return profile;
  return new Fault(
    'detr.model-unfit',
    `model_type ${type.slice(0, 40)} is none of ${Object.keys(PROFILES).join(', ')}`,
  );
}

/** All that is known by heart of a family: for code that has no config.json. */
export const DETR_PROFILE = DETR;
