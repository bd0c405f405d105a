// Reads the two JSON files beside a model: which labels it knows, and how it wants its pixels.
import * as v from 'valibot';
import { Fault } from '../fault.ts';
import type { Labels, Preprocessing, SizeRule } from './model-facts.ts';
import { DETR_PROFILE, type DetectorProfile, parseProfile } from './profile.ts';

/** A wire label is at most 40 characters (see VisionReport). */
const LABEL_LENGTH_MAX = 40;
const LABELS_MAX = 2_000;
/** Above this an input tensor passes 200 MB; no export of the family comes near. */
const TENSOR_EDGE_MAX = 4096;
/** Pillow's number for bilinear (PIL.Image.Resampling). */
const BILINEAR = 2;

const configSchema = v.object({
  id2label: v.optional(v.record(v.pipe(v.string(), v.regex(/^\d{1,4}$/)), v.string())),
});

const edge = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(TENSOR_EDGE_MAX));
const channels = v.tuple([finite(), finite(), finite()]);
const preprocessorSchema = v.object({
  do_resize: v.optional(v.boolean(), true),
  do_rescale: v.optional(v.boolean(), true),
  do_normalize: v.optional(v.boolean()),
  resample: v.optional(v.number(), BILINEAR),
  rescale_factor: v.optional(finite(), 1 / 255),
  image_mean: v.optional(channels),
  image_std: v.optional(channels),
  size: v.optional(
    v.union([
      v.object({ height: edge, width: edge }),
      v.object({ shortest_edge: edge, longest_edge: v.optional(v.nullable(edge)) }),
      // Before 2022 the two numbers stood apart.
      edge,
    ]),
  ),
  max_size: v.optional(edge),
  // Padding to a fixed size would need the mask to say so; one picture of its own size has none.
  pad_size: v.optional(v.null()),
});

/**
 * Labels of `config.json`, by the family's own numbers; `detr.model-broken` when it is not one, `detr.model-unfit` for a
 * family that we do not read.
 */
export function parseModelConfig(value: unknown): Labels | Fault {
  const profile = parseProfile(value);
  if (profile instanceof Fault) return profile;
  const result = v.safeParse(configSchema, value ?? {});
  if (!result.success) return broken('config.json', result.issues[0]);
  const { id2label } = result.output;
  if (id2label === undefined && profile.labels !== null) return profile.labels;
  const entries = Object.entries(id2label ?? {});
  if (entries.length === 0 || entries.length > LABELS_MAX) {
    return new Fault('detr.model-broken', `config.json: ${entries.length} labels, 1 to ${LABELS_MAX} expected`);
  }
  return new Map(entries.map(([id, label]) => [Number(id), label.trim().slice(0, LABEL_LENGTH_MAX) || `class ${id}`]));
}

/**
 * `preprocessor_config.json`, the family's habits where it is silent; `detr.model-broken` when it is not one,
 * `detr.model-unfit` for another interpolation. A size of null is the picture's own, or the graph's where that has one.
 */
export function parsePreprocessorConfig(
  value: unknown,
  { defaults }: DetectorProfile = DETR_PROFILE,
): Preprocessing | Fault {
  const result = v.safeParse(preprocessorSchema, value);
  if (!result.success) return broken('preprocessor_config.json', result.issues[0]);
  const config = result.output;
  if (config.do_resize && config.resample !== BILINEAR) {
    return new Fault('detr.model-unfit', `resample ${config.resample} is not bilinear (${BILINEAR})`);
  }
  const std = config.image_std ?? defaults.std;
  const normalise = config.do_normalize ?? defaults.normalise;
  if (normalise && std.includes(0)) {
    return new Fault('detr.model-broken', 'preprocessor_config.json: image_std has a zero');
  }
  const size = config.size === undefined ? defaults.size : sizeRule(config.size, config.max_size);
  return {
    size: config.do_resize ? size : null,
    factor: config.do_rescale ? config.rescale_factor : 1,
    mean: normalise ? (config.image_mean ?? defaults.mean) : [0, 0, 0],
    std: normalise ? std : [1, 1, 1],
  };
}

type SizeConfig = NonNullable<v.InferOutput<typeof preprocessorSchema>['size']>;

function sizeRule(size: SizeConfig, maxSize: number | undefined): SizeRule {
  if (typeof size === 'number') return { kind: 'edges', shortest: size, longest: maxSize ?? null };
  if ('height' in size) return { kind: 'exact', height: size.height, width: size.width };
  return { kind: 'edges', shortest: size.shortest_edge, longest: size.longest_edge ?? maxSize ?? null };
}

function finite() {
  return v.pipe(v.number(), v.finite());
}

function broken(file: string, issue: v.BaseIssue<unknown>): Fault {
  return new Fault('detr.model-broken', `${file}: ${v.getDotPath(issue) ?? '(whole)'}: ${issue.message}`, { file });
}
