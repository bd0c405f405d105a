// Makes one COCO dataset of all parts. It is written under a name made of its content, and then one object, current.json,
// is swapped: a reader sees the old dataset or the new one, never half of each.
import { createHash } from 'node:crypto';
import {
  buildDataset,
  type Category,
  type Coco,
  cocoText,
  type Dataset,
  Fault,
  readCategories,
  readPart,
  type Split,
  type VisitPart,
} from '@tapcase/domain';
import { type Bucket, CURRENT, type Listed, PARTS, RELEASES, TRIES_MAX } from './bucket.ts';
import { PART_BYTES_MAX } from './refresh.ts';

export interface MergeOptions {
  readonly split: Split;
  readonly decidedOnly: boolean;
}

/** What `current.json` says. */
export interface Current {
  readonly format: 'tapcase-dataset';
  readonly version: 1;
  /** Below `dataset/`; the file names in it are under `dataset/images/`. */
  readonly release: string;
  readonly categories: readonly Category[];
  readonly options: MergeOptions;
  /** Of the parts and options that it was made from. */
  readonly digest: string;
  readonly counts: Readonly<Record<'parts' | 'badParts' | 'train' | 'val' | 'toLabel', number>>;
}

/** What two GB of memory hold several times over; README.md says what to do beyond. */
const PARTS_MAX = 10_000;
const CURRENT_BYTES_MAX = 1024 * 1024;
/** Reads under way at once; S3 serves thousands a second for a prefix. */
const READS_MAX = 16;

export type Merged = { readonly kind: 'written' | 'unchanged'; readonly release: string };

/** Throws `dataset.contended`, `dataset.too-many`, `dataset.not-ours` and whatever S3 throws; the next hour tries again. */
export async function mergeParts(bucket: Bucket, options: MergeOptions): Promise<Merged> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const done = await attempt(bucket, options);
    if (done !== 'others first') return done;
  }
  throw new Fault('dataset.contended', `others were first ${TRIES_MAX} times`);
}

async function attempt(bucket: Bucket, options: MergeOptions): Promise<Merged | 'others first'> {
  const old = await bucket.read(CURRENT, CURRENT_BYTES_MAX);
  const current = old === null ? null : readCurrent(old.bytes);
  const listed = await bucket.list(PARTS, PARTS_MAX);
  if (current !== null && current.digest === digestOf(listed, options)) {
    return { kind: 'unchanged', release: current.release };
  }
  const { parts, read, badParts } = await readParts(bucket, listed);
  const dataset = buildDataset(parts, { ...options, known: current?.categories ?? [] });
  const release = await writeRelease(bucket, dataset);
  if (release === null) return 'others first';
  const { train, val, toLabel, categories } = dataset;
  const images = { train: train.images.length, val: val.images.length, toLabel: toLabel.images.length };
  const next: Current = {
    ...{ format: 'tapcase-dataset', version: 1, release, categories, options },
    digest: digestOf(read, options),
    counts: { parts: parts.length, badParts, ...images },
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(next, null, 2)}\n`);
  const isWritten = await bucket.write(
    CURRENT,
    bytes,
    'application/json',
    old === null ? 'absent' : { etag: old.etag },
  );
  return isWritten ? { kind: 'written', release } : 'others first';
}

function readCurrent(bytes: Uint8Array): Current {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Current;
    const categories = readCategories(value.categories);
    if (value.format === 'tapcase-dataset' && value.version === 1 && categories !== undefined)
      return { ...value, categories };
  } catch {
    // Said below. Going on would give the labels other numbers than the models have learned.
  }
  throw new Fault('dataset.not-ours', `${CURRENT} is not what this release writes`);
}

function digestOf(parts: readonly Listed[], options: MergeOptions): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const { key, etag } of parts) hash.update(`\n${key} ${etag}`);
  return hash.digest('hex');
}

/** `read`: as each part was when it was read, which may be newer than it was listed. One that is gone is left out. */
async function readParts(bucket: Bucket, listed: readonly Listed[]) {
  const parts: VisitPart[] = [];
  const read: Listed[] = [];
  let badParts = 0;
  for (let from = 0; from < listed.length; from += READS_MAX) {
    const some = listed.slice(from, from + READS_MAX);
    const stored = await Promise.all(some.map(({ key }) => bucket.read(key, PART_BYTES_MAX)));
    for (const [at, one] of stored.entries()) {
      if (one === null) continue;
      read.push({ key: some[at]!.key, etag: one.etag });
      const part = readPart(new TextDecoder().decode(one.bytes));
      if (part instanceof Fault) badParts += 1;
      else parts.push(part);
    }
  }
  return { parts, read, badParts };
}

/** null: S3 could not say that all of it is there. */
async function writeRelease(bucket: Bucket, { train, val, toLabel }: Dataset): Promise<string | null> {
  const files = { 'instances_train.json': train, 'instances_val.json': val, 'to_label.json': toLabel };
  const texts = Object.entries(files).map(([name, coco]) => [name, bytesOf(coco)] as const);
  const hash = createHash('sha256');
  for (const [, bytes] of texts) hash.update(bytes);
  const release = `${RELEASES}${hash.digest('hex').slice(0, 16)}/`;
  const missing = async () => {
    const there = new Set((await bucket.list(release, texts.length)).map(({ key }) => key));
    return texts.filter(([name]) => !there.has(`${release}annotations/${name}`));
  };
  // The name says what is in it: what is there already is right.
  let isWhole = true;
  for (const [name, bytes] of await missing()) {
    const isWritten = await bucket.write(`${release}annotations/${name}`, bytes, 'application/json', 'absent');
    isWhole &&= isWritten;
  }
  // A refusal may mean that somebody else has written it, or only that somebody is about to.
  return isWhole || (await missing()).length === 0 ? release : null;
}

function bytesOf(coco: Coco): Uint8Array {
  const encoder = new TextEncoder();
  return Buffer.concat(Array.from(cocoText(coco), (text) => encoder.encode(text)));
}
