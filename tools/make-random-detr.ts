// Writes a full-size DETR-R50 with random weights into a folder, 166 MB: --out FOLDER. See random-detr.ts.
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COCO_LABELS } from '@tapcase/domain';
import { DETR_RESNET_50, type DetrSizes, randomDetr } from './random-detr.ts';

/** A folder as the hub has it. `size` in place of the usual 800 and 1333 of preprocessor_config.json. */
export async function writeRandomDetr(folder: string, sizes: DetrSizes = DETR_RESNET_50, size?: object): Promise<void> {
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const id2label = Object.fromEntries([...COCO_LABELS].filter(([id]) => id < sizes.classes - 1));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'detr', id2label }));
  const shape = size ?? { shortest_edge: 800, longest_edge: 1333 };
  const config = { image_processor_type: 'DetrImageProcessor', do_resize: true, resample: 2, size: shape };
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify({ ...config, ...IMAGENET }));
  const file = createWriteStream(join(folder, 'onnx', 'model.onnx'));
  for (const piece of randomDetr(sizes)) if (!file.write(piece)) await once(file, 'drain');
  file.end();
  await once(file, 'close');
}

const IMAGENET = {
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  do_pad: true,
};

if (import.meta.main) {
  const { out } = parseArgs({ options: { out: { type: 'string', default: 'tools/data/random-detr' } } }).values;
  await writeRandomDetr(out);
  console.log(`${out}: try it with  npm run detect -- --model ${out} --image FILE --threshold 0.3`);
}
