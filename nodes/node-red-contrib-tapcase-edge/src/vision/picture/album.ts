// Keeps pictures in a folder: never half a file under its name, never more bytes or older ones than allowed.
import { mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, parsePictureFile } from '@tapcase/domain';

export interface AlbumLimits {
  readonly bytesMax: number;
  readonly ageMsMax: number;
}

/** What a write in progress is called; one that a pulled plug left is removed. */
const DRAFT = '.new';
/** A draft that nobody finished for this long never will be. */
const DRAFT_MS_MAX = 60_000;

/**
 * Durable when it returns: on the disk first, then renamed, then the folder. Throws `snapshot.unwritable`. Its time is that of
 * `nowMs`, by which `tidy` counts its age: the file system of another machine has a clock of its own.
 */
export async function keepFile(folder: string, name: string, bytes: Uint8Array, nowMs: number): Promise<void> {
  const draft = join(folder, `${name}${DRAFT}`);
  try {
    await mkdir(folder, { recursive: true });
    await withFile(draft, 'w', async (file) => {
      await file.writeFile(bytes);
      await file.utimes(nowMs / 1000, nowMs / 1000);
      await file.sync();
    });
    await rename(draft, join(folder, name));
    await withFile(folder, 'r', (file) => file.sync());
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new Fault('snapshot.unwritable', `cannot keep ${name}`, { name }, cause);
  }
}

/**
 * Removes what is too old, then the oldest until the rest fits; how many files went. Reads the folder each time: two cameras'
 * nodes may share it, and whoever looks into it may take something away.
 */
export async function tidy(folder: string, { bytesMax, ageMsMax }: AlbumLimits, nowMs: number): Promise<number> {
  const files = (await filesIn(folder)).toSorted((a, b) => a.atMs - b.atMs);
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let gone = 0;
  for (const file of files) {
    const limitMs = file.isDraft ? DRAFT_MS_MAX : ageMsMax;
    if (nowMs - file.atMs <= limitMs && bytes <= bytesMax) continue;
    // Somebody else may have been quicker.
    await unlink(join(folder, file.name)).catch(() => undefined);
    bytes -= file.bytes;
    gone += 1;
  }
  return gone;
}

/**
 * The visit whose picture before it this camera kept last, while it has none after it. Pictures of one camera come in the
 * order in which they were taken, so that it is the visit whose door has just been shut; read from the folder, so that a
 * pulled plug in between changes nothing.
 */
export async function openVisit(folder: string, camera: string): Promise<string | undefined> {
  const pictures = (await filesIn(folder)).flatMap(({ name, atMs, isDraft }) => {
    const picture = isDraft ? undefined : parsePictureFile(name);
    return picture?.camera === camera && picture.kind === 'jpg' ? [{ ...picture, atMs }] : [];
  });
  const last = pictures.filter(({ moment }) => moment === 'before').sort((a, b) => b.atMs - a.atMs)[0];
  const isOver = pictures.some(({ visit, moment }) => visit === last?.visit && moment === 'after');
  return isOver ? undefined : last?.visit;
}

interface Kept {
  readonly name: string;
  readonly bytes: number;
  readonly atMs: number;
  readonly isDraft: boolean;
}

/** Only what this node writes: nothing else in the folder is counted or touched. */
async function filesIn(folder: string): Promise<readonly Kept[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const files: Kept[] = [];
  for (const name of names) {
    const isDraft = name.endsWith(DRAFT);
    if (parsePictureFile(isDraft ? name.slice(0, -DRAFT.length) : name) === undefined) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile()) files.push({ name, bytes: found.size, atMs: found.mtimeMs, isDraft });
  }
  return files;
}

/** A full disk must not also leave a file open with every try. */
async function withFile<T>(
  path: string,
  flags: 'r' | 'w',
  use: (file: Awaited<ReturnType<typeof open>>) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
