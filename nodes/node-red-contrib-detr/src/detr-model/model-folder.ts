// Reads a model's folder: which file is the model, what its two configurations say, and which bytes it has.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import {
  type DetectorProfile,
  Fault,
  type Labels,
  orThrow,
  type Preprocessing,
  parseModelConfig,
  parsePreprocessorConfig,
  parseProfile,
} from '@tapcase/domain';

export interface ModelFolder {
  readonly file: string;
  /** What config.json calls the model, else the folder's name. */
  readonly name: string;
  readonly profile: DetectorProfile;
  readonly labels: Labels;
  readonly preprocessing: Preprocessing;
  /** Of the model file. */
  readonly sha256: string;
  /** Differs as soon as one of the files is another: see `stampOf`. */
  readonly stamp: string;
}

/** Where exporters put the model; after these, a folder's only .onnx file. */
const USUAL_FILES = ['model.onnx', join('onnx', 'model.onnx')];
const CONFIGS = ['config.json', 'preprocessor_config.json'];
/** The largest configurations (Objects365's labels) have 20 kB. */
const CONFIG_BYTES_MAX = 1_000_000;
const NAME_LENGTH_MAX = 80;

/** `detr.model-missing`, `detr.model-broken` or `detr.model-unfit`. */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const stamp = await stampOf(folder);
  const file = await modelFile(folder);
  const config = await json(folder, 'config.json');
  const profile = orThrow(parseProfile(config));
  const preprocessor = await json(folder, 'preprocessor_config.json');
  if (!profile.configOptional && preprocessor === undefined) throw missingConfig('preprocessor_config.json');
  return {
    file,
    name: nameOf(config, folder),
    profile,
    labels: orThrow(parseModelConfig(config)),
    preprocessing: orThrow(parsePreprocessorConfig(preprocessor ?? {}, profile)),
    sha256: await sha256Of(file),
    stamp,
  };
}

/** Names, sizes and times of the folder's files: after a failure the model is loaded again once it has changed. */
export async function stampOf(folder: string): Promise<string> {
  const file = await modelFile(folder).catch(() => undefined);
  const paths = [...(file === undefined ? [] : [file]), ...CONFIGS.map((name) => join(folder, name))];
  const stamps = paths.map(async (path) => {
    const found = await stat(path).catch(() => undefined);
    return found === undefined ? `${path}?` : `${path} ${found.size} ${found.mtimeMs} ${found.ino}`;
  });
  return (await Promise.all(stamps)).join('\n');
}

async function modelFile(folder: string): Promise<string> {
  for (const name of USUAL_FILES) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  }
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new Fault('detr.model-missing', `no folder ${folder}`, {}, cause);
  });
  const [name, ...more] = names.filter((entry) => entry.endsWith('.onnx'));
  if (name !== undefined && more.length === 0) return join(folder, name);
  throw new Fault('detr.model-missing', `${name === undefined ? 'no' : 'more than one'} .onnx file in ${folder}`);
}

/** undefined where there is no such file. */
async function json(folder: string, name: string): Promise<unknown> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.size > CONFIG_BYTES_MAX) throw new Fault('detr.model-broken', `${name} has ${found.size} bytes`);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (cause) {
    throw new Fault('detr.model-broken', `${name} is not JSON`, {}, cause);
  }
}

function nameOf(config: unknown, folder: string): string {
  const named = (config as { readonly _name_or_path?: unknown } | undefined)?._name_or_path;
  const name = typeof named === 'string' && named.trim() !== '' ? named.trim() : basename(resolve(folder));
  return name.slice(0, NAME_LENGTH_MAX);
}

function missingConfig(name: string): Fault {
  return new Fault('detr.model-broken', `${name} is missing`);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    // Piece by piece: a Pi has no 170 MB to spare beside the model itself.
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  } catch (cause) {
    throw new Fault('detr.model-broken', 'the model file cannot be read', {}, cause);
  }
  return hash.digest('hex');
}
