// npm run detect -- --model FOLDER --image FILE: what a model sees in a picture, as a table or (--json) as the flow gets it.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Detection, Fault, orThrow, parsePicture } from '@tapcase/domain';
import { type Detected, openDetector } from '../nodes/node-red-contrib-detr/src/detr-model/detector.ts';
import type { ModelFolder } from '../nodes/node-red-contrib-detr/src/detr-model/model-folder.ts';

const HELP = `npm run detect -- --model FOLDER --image FILE [--threshold 0.5] [--threads N] [--json]

  --model      folder with an ONNX file, config.json and preprocessor_config.json
  --image      a JPEG or PNG
  --threshold  a thing must score above it, 0 to 1 (0.5)
  --threads    threads of the runtime (all cores)
  --json       one JSON object: model, name, sha256, boxes, threshold, size, ms, stages`;

/** Most of what a table shows; the JSON has them all. */
const ROWS_MAX = 100;
const LABEL_COLUMNS = 24;

try {
  await main();
} catch (thrown) {
  // One line: what was wrong with the picture or the model, not where in the code it was noticed.
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  console.error(thrown instanceof Fault ? `${thrown.code}: ${message}` : message);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { model, image, threshold, threads, json, help } = options();
  if (help) return console.log(HELP);
  const encoded = await readFile(image).catch((cause: NodeJS.ErrnoException) => {
    throw new Fault('image.unreadable', `cannot read ${image} (${cause.code})`);
  });
  const picture = orThrow(parsePicture({ encoded }));
  const detector = await openDetector(model, threads);
  const startedMs = performance.now();
  const detected = await detector.detect(picture, threshold);
  const ms = Math.round(performance.now() - startedMs);
  const { name, sha256 } = detector.folder;
  if (json) console.log(JSON.stringify({ model: sha256.slice(0, 12), name, sha256, threshold, ms, ...detected }));
  else printTable(detector.folder, detected, threshold, ms);
  await detector.close();
}

function options() {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: '' },
      image: { type: 'string', default: '' },
      threshold: { type: 'string', default: '0.5' },
      threads: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [threshold, threads] = [Number(values.threshold), Number(values.threads)];
  const invalid = (what: string) => new Fault('config.invalid', `${what} (--help says more)`);
  if (!values.help && (values.model === '' || values.image === '')) throw invalid('--model and --image are needed');
  if (!(threshold >= 0 && threshold < 1)) throw invalid('--threshold wants 0 to 1');
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) throw invalid('--threads wants 1 to 64');
  return { ...values, threshold, threads };
}

function printTable(folder: ModelFolder, { boxes, size, stages }: Detected, threshold: number, ms: number): void {
  console.log(`model  ${folder.name}, family ${folder.profile.family}, SHA-256 ${folder.sha256}`);
  console.log(`image  ${size.width} x ${size.height} pixels`);
  console.log(`\n${'label'.padEnd(LABEL_COLUMNS)} score   left    top  width height`);
  for (const box of boxes.slice(0, ROWS_MAX)) console.log(row(box));
  if (boxes.length > ROWS_MAX) console.log(`... and ${boxes.length - ROWS_MAX} more (--json lists them all)`);
  console.log(`\n${boxes.length} above ${threshold} in ${ms} ms: ${stageText(stages)}`);
}

function row({ label, score, x, y, w, h }: Detection): string {
  const pixels = [x, y, w, h].map((value) => value.toFixed(0).padStart(6));
  return `${label.slice(0, LABEL_COLUMNS).padEnd(LABEL_COLUMNS)} ${score.toFixed(3)} ${pixels.join(' ')}`;
}

function stageText({ decodeMs, preprocessMs, inferMs, postprocessMs }: Detected['stages']): string {
  return `decode ${decodeMs}, pre-process ${preprocessMs}, infer ${inferMs}, post-process ${postprocessMs}`;
}
