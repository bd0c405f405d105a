// The dataset's folder: every file appears whole or not at all, and `dataset.json` says whether the set is complete.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { type Category, type Coco, cocoText, Fault, IMAGE_FILE, readCategories } from '@tapcase/domain';
import { KEY } from './options.ts';

export const ANNOTATION_FILES = {
  train: 'instances_train.json',
  val: 'instances_val.json',
  toLabel: 'to_label.json',
} as const;
export const MARKER_FILE = 'dataset.json';
const FORMAT = 'tapcase-dataset';
const VERSION = 1;

/** What stands in `dataset.json` beside its format. */
export interface Marker {
  /** `writing`: the run was broken off, or is under way; run it again. */
  readonly state: 'writing' | 'complete';
  readonly categories: readonly Category[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly counts?: Readonly<Record<string, unknown>>;
  /** File to SHA-256. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Makes the folder, or takes it up again. Throws `dataset.not-ours`, `dataset.unwritable`. The categories of an earlier run. */
export async function prepare(out: string): Promise<readonly Category[]> {
  await orUnwritable(() => mkdir(join(out, 'images'), { recursive: true }));
  await orUnwritable(() => mkdir(join(out, 'annotations'), { recursive: true }));
  const names = (await readdir(out)).filter((name) => !isTemporary(name));
  if (!names.includes(MARKER_FILE)) {
    const isFresh = names.every((name) => name === 'images' || name === 'annotations');
    const inside = [...(await readdir(join(out, 'images'))), ...(await readdir(join(out, 'annotations')))];
    if (!isFresh || inside.length > 0) throw new Fault('dataset.not-ours', `${out} holds something else`);
    return [];
  }
  for (const folder of ['', 'images', 'annotations']) await dropTemporary(join(out, folder));
  return readMarker(join(out, MARKER_FILE));
}

async function readMarker(path: string): Promise<readonly Category[]> {
  try {
    const { format, version, categories } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    const known = format === FORMAT && version === VERSION ? readCategories(categories) : undefined;
    if (known !== undefined) return known;
  } catch {
    // Said below: whatever it is, it is not ours.
  }
  throw new Fault('dataset.not-ours', `${path} is not of a dataset that this release wrote`);
}

export function writeMarker(out: string, marker: Marker): Promise<unknown> {
  return writeWhole(join(out, MARKER_FILE), [
    `${JSON.stringify({ format: FORMAT, version: VERSION, ...marker }, null, 2)}\n`,
  ]);
}

/** Nothing where the same picture is there already: a run that was broken off goes on where it stopped. */
export async function writeImage(out: string, file: string, bytes: Uint8Array): Promise<void> {
  const path = join(out, 'images', file);
  const there = await readFile(path).catch(() => undefined);
  if (there === undefined || !there.equals(bytes)) await writeWhole(path, [bytes]);
}

/** The SHA-256 of what was written. */
export function writeAnnotations(out: string, file: string, coco: Coco): Promise<string> {
  return writeWhole(join(out, 'annotations', file), cocoText(coco));
}

export function writeDecision(path: string, text: string): Promise<string> {
  return orUnwritable(() => mkdir(dirname(path), { recursive: true })).then(() => writeWhole(path, [text]));
}

/** Pictures that the evidence no longer has go from the dataset too; what has another kind of name is not ours. */
export async function dropOtherImages(out: string, wanted: ReadonlySet<string>): Promise<number> {
  const stale = (await readdir(join(out, 'images'))).filter((name) => IMAGE_FILE.test(name) && !wanted.has(name));
  for (const name of stale) await orUnwritable(() => rm(join(out, 'images', name), { force: true }));
  return stale.length;
}

/** A name of its own until it is whole and on the disk. */
async function writeWhole(path: string, parts: Iterable<string | Uint8Array>): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const hash = createHash('sha256');
  await orUnwritable(async () => {
    const file = await open(temporary, 'w');
    try {
      await writeParts(file, parts, (part) => hash.update(part));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  });
  return hash.digest('hex');
}

/** A system call for each line would take longer than all the rest. */
const CHUNK_CHARS = 1 << 20;

async function writeParts(
  file: FileHandle,
  parts: Iterable<string | Uint8Array>,
  each: (part: string | Uint8Array) => void,
): Promise<void> {
  let text = '';
  const flush = async (part: string | Uint8Array) => {
    each(part);
    await file.writeFile(part);
  };
  for (const part of parts) {
    if (typeof part !== 'string') await flush(part);
    else text += part;
    if (text.length >= CHUNK_CHARS) {
      await flush(text);
      text = '';
    }
  }
  if (text !== '') await flush(text);
}

function isTemporary(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.tmp');
}

async function dropTemporary(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter(isTemporary);
  for (const name of left) await orUnwritable(() => rm(join(folder, name), { force: true }));
}

/** Throws `dataset.usage` where one folder is in the other: what is written would be read. */
export async function refuseNested(folders: Readonly<Record<string, string>>): Promise<void> {
  const real = await Promise.all(
    Object.entries(folders).map(async ([name, path]) => [name, `${await realOf(resolve(path))}${sep}`] as const),
  );
  for (const [name, path] of real) {
    const within = real.find(([other, outer]) => other !== name && path.startsWith(outer));
    if (within !== undefined) throw new Fault('dataset.usage', `--${name} lies in --${within[0]}`);
  }
}

/** Of what is there already; the rest has no links in it. */
async function realOf(path: string): Promise<string> {
  if (path === dirname(path)) return path;
  return realpath(path).catch(async () => join(await realOf(dirname(path)), basename(path)));
}

const PSEUDONYM_DIGITS = 12;

/** Case to pseudonym. Without a given key one is made beside the dataset, not in it: it would undo what it is for. */
export async function pseudonyms(out: string, given: string | null): Promise<(caseId: string) => string> {
  const key = Buffer.from(given ?? (await keptKey(`${resolve(out)}.key`)), 'hex');
  return (caseId) => `c${createHmac('sha256', key).update(caseId).digest('hex').slice(0, PSEUDONYM_DIGITS)}`;
}

async function keptKey(path: string): Promise<string> {
  await writeFile(path, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(error);
  });
  const key = (await readFile(path, 'utf8')).trim();
  if (!KEY.test(key)) throw new Fault('dataset.not-ours', `${path} is no key of a dataset`);
  return key;
}

async function orUnwritable<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(error: unknown): Fault {
  return new Fault('dataset.unwritable', (error as Error).message);
}
