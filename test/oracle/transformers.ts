// transformers.js, with whose numbers the detector's are compared: the few parts of it that are asked. It is installed
// apart (npm ci --prefix test/oracle --ignore-scripts), because nothing that ships needs it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { skip } from '../needs.ts';

export interface OracleTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}
export interface OracleBoxes {
  /** Left, top, right, bottom. */
  readonly boxes: readonly (readonly number[])[];
  readonly classes: readonly number[];
  readonly scores: readonly number[];
}
interface ImageProcessor {
  (images: readonly object[]): Promise<{ readonly pixel_values: OracleTensor }>;
  post_process_object_detection(
    output: object,
    threshold: number,
    sizes: readonly (readonly [height: number, width: number])[],
    isZeroShot?: boolean,
  ): OracleBoxes[];
}
type Model = (inputs: object) => Promise<{ readonly logits: OracleTensor; readonly pred_boxes: OracleTensor }>;

export interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OracleTensor;
  readonly RawImage: new (data: Uint8ClampedArray, width: number, height: number, channels: 3) => object;
  readonly DetrImageProcessor: new (config: object) => ImageProcessor;
  readonly AutoProcessor: {
    from_pretrained(id: string): Promise<ImageProcessor & { image_processor: ImageProcessor }>;
  };
  readonly AutoModelForObjectDetection: {
    from_pretrained(id: string, options: { dtype: 'fp32'; session_options?: object }): Promise<Model>;
  };
}

const FILE = join(import.meta.dirname, 'node_modules/@huggingface/transformers/dist/transformers.node.mjs');

/** undefined where it is not installed. */
export async function transformers(): Promise<Transformers | undefined> {
  if (!existsSync(FILE)) return undefined;
  const oracle = (await import(FILE)) as Transformers;
  oracle.env.allowRemoteModels = false;
  return oracle;
}

/** Skips the test (or, with TAPCASE_REQUIRE_ALL, fails it) where transformers.js is not installed. */
export async function needsTransformers(context: Mocha.Context): Promise<Transformers> {
  const oracle = await transformers();
  if (oracle !== undefined) return oracle;
  return skip(context, 'transformers.js is not installed (npm ci --prefix test/oracle --ignore-scripts)');
}
