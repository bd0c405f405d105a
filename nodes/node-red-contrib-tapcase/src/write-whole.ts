// Writes a file that a pulled plug leaves as it was or as it shall be, never in between.
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How a file ends that is not in its place yet; what a crash left of it is nobody's. */
export const DRAFT = '.new';

let drafts = 0;

/**
 * On the disk first, then renamed, then the folder, which is made where it is missing. Rejects with the system's error. Where
 * `atMs` is given the file has that time, and not the one of the file system, which may be another machine's.
 */
export async function writeWhole(path: string, data: string | Uint8Array, atMs?: number): Promise<void> {
  drafts += 1;
  const draft = `${path}.${process.pid}-${drafts}${DRAFT}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(draft, 'w');
    try {
      await file.writeFile(data);
      if (atMs !== undefined) await file.utimes(atMs / 1000, atMs / 1000);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    const home = await open(dirname(path), 'r');
    await home.sync().finally(() => home.close());
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
