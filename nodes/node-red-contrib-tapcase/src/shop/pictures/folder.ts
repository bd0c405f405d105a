// Keeps pictures as `<folder>/<case>/<visit>/<moment>-<camera>.{jpg,json}`: whole or not at all, bounded by bytes and age.
import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CASE_ID, Fault, type PictureUpload, parsePictureFile, VISIT_ID } from '@tapcase/domain';
import { DRAFT, writeWhole } from '../../write-whole.ts';
import { FILES_OF_VISIT_MAX, fileIn, type PictureStore, type PictureStoreConfig } from './port.ts';

export function pictureFolder({ folder, bytesMax, ageMsMax }: PictureStoreConfig): PictureStore {
  /** What is there as far as this process knows; counted again at each prune. */
  let bytesKept: number | undefined;
  const homeOf = (caseId: string, visit: string) => join(folder, caseId, visit);
  const pathOf = (picture: PictureUpload) => join(homeOf(picture.caseId, picture.visit), fileIn(picture));

  const list: PictureStore['list'] = async (caseId, visit) => {
    // Both become part of a path.
    if (!CASE_ID.test(caseId) || !VISIT_ID.test(visit)) return [];
    return (await namesIn(homeOf(caseId, visit))).toSorted().flatMap((name): PictureUpload[] => {
      const parsed = parsePictureFile(`${visit}-${name}`);
      return parsed === undefined ? [] : [{ caseId, ...parsed }];
    });
  };
  const read: PictureStore['read'] = async (picture) => {
    try {
      return await readFile(pathOf(picture));
    } catch {
      return undefined;
    }
  };
  const prune: PictureStore['prune'] = async (nowMs) => {
    const files = (await filesIn(folder)).toSorted((a, b) => a.atMs - b.atMs);
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    let gone = 0;
    for (const file of files) {
      if (nowMs - file.atMs <= ageMsMax && bytes <= bytesMax) continue;
      await rm(file.path, { force: true });
      // Fails while something is left in it, which is what is wanted.
      await rmdir(dirname(file.path)).catch(() => undefined);
      bytes -= file.bytes;
      gone += 1;
    }
    bytesKept = bytes;
    return gone;
  };
  const keep: PictureStore['keep'] = async (picture, bytes, nowMs) => {
    const there = await read(picture);
    if (there !== undefined) {
      if (there.equals(bytes)) return 'same';
      throw new Fault('picture.differs', 'another picture is kept under this name', { visit: picture.visit });
    }
    if ((await list(picture.caseId, picture.visit)).length >= FILES_OF_VISIT_MAX) {
      throw new Fault('picture.too-many', `${FILES_OF_VISIT_MAX} files of this visit are kept`, {
        visit: picture.visit,
      });
    }
    await writeWhole(pathOf(picture), bytes, nowMs).catch((cause: unknown) => {
      throw new Fault('picture.unwritable', 'the picture cannot be kept', {}, cause);
    });
    if (bytesKept === undefined) await prune(nowMs);
    else bytesKept += bytes.length;
    if (bytesKept! > bytesMax) await prune(nowMs);
    return 'kept';
  };
  return { keep, list, read, prune };
}

interface Kept {
  readonly path: string;
  readonly bytes: number;
  readonly atMs: number;
}

/** Only what has our names: nothing else in the folder is counted or touched. */
async function filesIn(folder: string): Promise<readonly Kept[]> {
  const files: Kept[] = [];
  for (const caseId of (await namesIn(folder)).filter((name) => CASE_ID.test(name))) {
    for (const visit of (await namesIn(join(folder, caseId))).filter((name) => VISIT_ID.test(name))) {
      for (const name of await namesIn(join(folder, caseId, visit))) {
        if (parsePictureFile(`${visit}-${name}`) === undefined && !name.endsWith(DRAFT)) continue;
        const path = join(folder, caseId, visit, name);
        const found = await stat(path).catch(() => undefined);
        if (found?.isFile()) files.push({ path, bytes: found.size, atMs: found.mtimeMs });
      }
    }
  }
  return files;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
