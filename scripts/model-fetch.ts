// npm run model:fetch -- REPOSITORY: a model from a hub into a folder that detr-model takes. All files or none.
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Fault } from '@tapcase/domain';
import { openDetector } from '../nodes/node-red-contrib-detr/src/detr-model/detector.ts';
import { type Download, download, type Remote, remoteOf } from './model-fetch-download.ts';

/** Repositories that hold PyTorch weights only, and who keeps the ONNX export of them. */
const EXPORTS: Readonly<Record<string, string>> = { 'facebook/detr-resnet-50': 'Xenova/detr-resnet-50' };
const HUB = 'https://huggingface.co';
/** The largest export of the family (RT-DETR's R101) has 300 MB. */
const MODEL_BYTES_MAX = 2_000_000_000;
const CONFIG_BYTES_MAX = 1_000_000;

const HELP = `npm run model:fetch -- REPOSITORY [--out FOLDER] [--file onnx/model.onnx] [--revision main] [--sha256 HEX] [--from URL]

  REPOSITORY   as on the hub, for example facebook/detr-resnet-50. That one has PyTorch weights only:
               its ONNX export is taken from Xenova/detr-resnet-50, which transformers.js uses too.
  --out        folder (models/NAME)
  --file       the ONNX file in the repository (onnx/model.onnx); onnx/model_quantized.onnx is a fourth the size
  --revision   branch, tag or commit (main)
  --sha256     of the ONNX file; without it the hash that the hub gives is checked
  --from       another hub of the same layout (${HUB}, or HF_ENDPOINT)

An interrupted download goes on where it stopped when the command is given again.`;

interface Wanted {
  readonly repository: string;
  readonly hub: string;
  readonly revision: string;
  readonly file: string;
  readonly out: string;
  readonly sha256: string | null;
}

if (import.meta.main) {
  try {
    const wanted = options(process.argv.slice(2));
    if (wanted === undefined) console.log(HELP);
    else await fetchModel(wanted, console.log);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    console.error(thrown instanceof Fault ? `${thrown.code}: ${message}` : message);
    process.exitCode = 1;
  }
}

/** Throws `fetch.*`, or what `openDetector` throws of a model that came whole and is none. */
export async function fetchModel(wanted: Wanted, say: (text: string) => void): Promise<void> {
  const { repository, hub, revision, out, file } = wanted;
  const address = (at: string, path: string) => `${hub}/${repository}/resolve/${at}/${path}`;
  await mkdir(out, { recursive: true });
  // The commit that the branch stands at now: the files must not be of two.
  const first = await remoteOf(address(revision, 'config.json'));
  const at = first.commit ?? revision;
  const model = await remoteOf(address(at, file));
  const remotes: readonly [name: string, remote: Remote, limit: number][] = [
    ['model.onnx', { ...model, sha256: wanted.sha256 ?? model.sha256 }, MODEL_BYTES_MAX],
    ['config.json', await remoteOf(address(at, 'config.json')), CONFIG_BYTES_MAX],
    ['preprocessor_config.json', await remoteOf(address(at, 'preprocessor_config.json')), CONFIG_BYTES_MAX],
  ];
  const done: Download[] = [];
  for (const [name, remote, bytesMax] of remotes) {
    say(`${name} from ${remote.url}${remote.size === null ? '' : `, ${megabytes(remote.size)}`}`);
    done.push(await download(remote, join(out, name), { bytesMax, say }));
  }
  // Only now: a folder with half of a new model would be worse than the old one.
  for (const { part, path } of done) if (part !== path) await rename(part, path);
  const detector = await openDetector(out, 1);
  const { profile, labels, sha256 } = detector.folder;
  await detector.close();
  say(`${out}: ${profile.family}, ${labels.size} labels, SHA-256 ${sha256}`);
}

function options(args: readonly string[]): Wanted | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      file: { type: 'string', default: 'onnx/model.onnx' },
      revision: { type: 'string', default: 'main' },
      sha256: { type: 'string' },
      from: { type: 'string', default: process.env.HF_ENDPOINT ?? HUB },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const [asked = '', ...more] = positionals;
  const invalid = (what: string) => new Fault('config.invalid', `${what} (--help says more)`);
  if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(asked) || more.length > 0) throw invalid('one repository, OWNER/NAME');
  if (!/^https?:\/\/[^\s?#]+$/.test(values.from)) throw invalid('--from wants an http address');
  if (!/^([\w-][\w.-]*\/)*[\w-][\w.-]*\.onnx$/.test(values.file))
    throw invalid('--file wants the path of an .onnx file');
  if (!/^[\w-][\w.-]*$/.test(values.revision)) throw invalid('--revision wants a branch, tag or commit');
  const sha256 = values.sha256?.toLowerCase() ?? null;
  if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256)) throw invalid('--sha256 wants 64 hex digits');
  return {
    repository: EXPORTS[asked] ?? asked,
    hub: values.from.replace(/\/+$/, ''),
    revision: values.revision,
    file: values.file,
    out: values.out ?? join('models', asked.split('/')[1]!),
    sha256,
  };
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(0)} MB`;
}
