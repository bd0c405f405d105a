// The folder on the card, and what its errors mean. The one file of the recorder that touches files.
import { constants, watch } from 'node:fs';
import { access, lstat, mkdir, open, readdir, readFile, rename, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { mendFile } from './mend-file.ts';

export interface FileFacts {
  readonly bytes: number;
  /** Unix milliseconds of the last write. */
  readonly changedAtMs: number;
}

/** All of it throws Faults: `recorder.no-folder`, `recorder.disk-full`, `recorder.read-only`, `recorder.card-failing`. */
export interface Card {
  /** Makes the folder where it is missing, and finds out whether it can be written to. */
  check(): Promise<void>;
  freeBytes(): Promise<number>;
  list(): Promise<readonly string[]>;
  /** Undefined where there is no such file, or it is none. */
  facts(file: string): Promise<FileFacts | undefined>;
  /** Makes a file that a crash cut short readable. False where it holds no video at all. */
  mend(file: string): Promise<boolean>;
  exists(file: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** Already gone is gone. */
  remove(file: string): Promise<void>;
  /** What ffmpeg has written is on the card, not only in the kernel's memory, when this resolves. */
  sync(file: string): Promise<void>;
  /** '' where there is none, or one too large to be ours. */
  readManifest(): Promise<string>;
  appendManifest(text: string): Promise<void>;
  replaceManifest(text: string): Promise<void>;
  /** Undefined where the system does not say which file. Returns what stops it. */
  watch(onChange: (file: string | undefined) => void): () => void;
}

/** 24 hours are 4,320 files of 20 s, a line of 250 bytes each; ten times that is not ours. */
const MANIFEST_BYTES_MAX = 20_000_000;

export function openCard(folder: string, camera: string): Card {
  const at = (file: string) => join(folder, file);
  const manifest = at(`${camera}.manifest.jsonl`);
  return {
    check: () =>
      asFault(async () => {
        await mkdir(folder, { recursive: true });
        await access(folder, constants.W_OK);
      }),
    freeBytes: () =>
      asFault(async () => {
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
      }),
    list: () => asFault(() => readdir(folder)),
    facts: (file) =>
      unlessMissing(undefined, async () => {
        const facts = await lstat(at(file));
        return facts.isFile() ? { bytes: facts.size, changedAtMs: facts.mtimeMs } : undefined;
      }),
    mend: (file) => unlessMissing(false, () => withFile(at(file), 'r+', mendFile)),
    exists: (file) => unlessMissing(false, async () => (await stat(at(file))).isFile()),
    rename: (from, to) => asFault(() => rename(at(from), at(to))),
    remove: (file) => unlessMissing(undefined, () => unlink(at(file))),
    sync: (file) => unlessMissing(undefined, () => withFile(at(file), 'r', (handle) => handle.datasync())),
    readManifest: () =>
      unlessMissing('', async () => {
        const { size } = await stat(manifest);
        return size > MANIFEST_BYTES_MAX ? '' : readFile(manifest, 'utf8');
      }),
    appendManifest: (text) => asFault(() => writeDurably(manifest, 'a', text)),
    replaceManifest: (text) =>
      asFault(async () => {
        await writeDurably(`${manifest}.new`, 'w', text);
        await rename(`${manifest}.new`, manifest);
        await withFile(folder, 'r', (handle) => handle.sync());
      }),
    watch: (onChange) => {
      const watcher = watch(folder, (_, file) => onChange(file ?? undefined));
      // A folder that goes away ends the watch; the next check says so.
      watcher.on('error', () => {});
      return () => watcher.close();
    },
  };
}

/** `code` is the errno's name. */
export function cardFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new Fault('recorder.disk-full', 'the card is full', { code }, thrown);
    case 'EROFS':
      return new Fault('recorder.read-only', 'the card has gone read-only: it may be dying', { code }, thrown);
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EACCES':
    case 'EPERM':
    case 'EEXIST':
      return new Fault('recorder.no-folder', `the folder for video cannot be used (${code})`, { code }, thrown);
    default:
      // A programming mistake has no errno and must not hide behind the card.
      if (code === undefined) throw thrown;
      return new Fault('recorder.card-failing', `the card answers ${code}`, { code }, thrown);
  }
}

async function asFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw cardFault(thrown);
  }
}

/** A file may be taken away by a person at any time. */
async function unlessMissing<T>(missing: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return missing;
    throw cardFault(thrown);
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

async function withFile<T>(path: string, flags: string, work: (handle: Handle) => Promise<T>): Promise<T> {
  const handle = await open(path, flags);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

function writeDurably(path: string, flags: 'a' | 'w', text: string): Promise<void> {
  return withFile(path, flags, async (handle) => {
    await handle.writeFile(text);
    await handle.datasync();
  });
}
