// Opens what the command reads and writes, before the first line: what cannot be read or written is said at once.
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { type Catalog, Fault, orThrow, parseCatalog, parseModel, parseThresholds } from '@tapcase/domain';
import { LINE_BYTES_MAX } from './lines.ts';
import { type Options, STDIN } from './options.ts';
import type { ReplayPolicy } from './replay.ts';

export interface Files {
  readonly catalog: Catalog | null;
  readonly policy: ReplayPolicy;
  readonly cases: AsyncIterable<Uint8Array>;
  /** null: standard output. */
  readonly out: Writable | null;
  readonly score: Writable | null;
}

/** Throws a Fault: `replay.unreadable`, `replay.unwritable`, `replay.usage`, `catalog.*`, `policy.*`, `reconcile.*`. Writes over nothing it reads. */
export async function openFiles({ catalog, policy, cases, out, score }: Options): Promise<Files> {
  const sold = catalog === null ? null : await readCatalog(catalog);
  const decided = policy === null ? {} : await readPolicy(policy);
  const read = [catalog, policy, cases === STDIN ? null : cases].filter((path) => path !== null);
  const stored = cases === STDIN ? process.stdin : await openForReading(cases);
  if (out !== null) await refuseSame(out, read);
  const results = out === null ? null : await openForWriting(out);
  // After that one was made: two names of a file that is not there yet cannot be told apart.
  if (score !== null) await refuseSame(score, out === null ? read : [...read, out]);
  return {
    catalog: sold,
    policy: decided,
    cases: readable(stored),
    out: results,
    score: score === null ? null : await openForWriting(score),
  };
}

async function readCatalog(path: string): Promise<Catalog> {
  return orThrow(parseCatalog(await readJson(path, 'catalog')));
}

/** As tapcase-policy has them: parameters, thresholds, or both. */
async function readPolicy(path: string): Promise<ReplayPolicy> {
  const value = await readJson(path, 'policy');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault('policy.invalid', `${path}: wants an object with model, thresholds or both`);
  }
  const { model, thresholds, ...others } = value as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Fault('policy.invalid', `${path}: there is no ${unknown} in a policy`);
  return {
    ...(model === undefined ? {} : { model: orThrow(parseModel(model)) }),
    ...(thresholds === undefined ? {} : { thresholds: orThrow(parseThresholds(thresholds)) }),
  };
}

async function readJson(path: string, what: 'catalog' | 'policy'): Promise<unknown> {
  const parts: Uint8Array[] = [];
  // `end` is the last byte read: one more than is allowed, so that a file that is too long is noticed.
  for await (const part of readable(createReadStream(path, { end: LINE_BYTES_MAX }))) parts.push(part);
  const bytes = Buffer.concat(parts);
  if (bytes.length > LINE_BYTES_MAX) {
    throw new Fault(`${what}.too-long`, `${path}: a ${what} has at most ${LINE_BYTES_MAX} bytes`);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new Fault(`${what}.not-json`, `${path}: ${(error as Error).message}`);
  }
}

async function openForReading(path: string) {
  try {
    const file = await open(path, 'r');
    return file.createReadStream();
  } catch (error) {
    throw new Fault('replay.unreadable', (error as Error).message);
  }
}

async function openForWriting(path: string): Promise<Writable> {
  try {
    const file = await open(path, 'w');
    return file.createWriteStream();
  } catch (error) {
    throw new Fault('replay.unwritable', (error as Error).message);
  }
}

/** Bytes, and a Fault where reading fails on the way: a folder, a disk that breaks. */
async function* readable(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw new Fault('replay.unreadable', (error as Error).message);
  }
}

/** Opening for writing empties a file: never one that is read, under whatever name. */
async function refuseSame(path: string, others: readonly string[]): Promise<void> {
  const target = await identityOf(path);
  for (const other of others) {
    if (path === other || (target !== null && target === (await identityOf(other)))) {
      throw new Fault('replay.usage', `${path} would be written over ${other}`);
    }
  }
}

async function identityOf(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  // A terminal or /dev/null may well be both.
  return found?.isFile() ? `${found.dev}:${found.ino}` : null;
}
