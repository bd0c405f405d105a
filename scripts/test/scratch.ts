// Where a run's temporary files are: one folder, gone when the run ends, however it ends.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux's folder that is memory. What a test writes need not outlive it, and a tenth of the suite is waiting for disks. */
const MEMORY = '/dev/shm';
/** A container's is 64 MB unless told; the suite needs a few hundred. */
const ROOM_MIN_BYTES = 2 * 1024 ** 3;

export interface Scratch {
  readonly folder: string;
  remove(): void;
}

export function makeScratch(): Scratch {
  const folder = mkdtempSync(join(process.env.TMPDIR === undefined && isRoomy(MEMORY) ? MEMORY : tmpdir(), 'tapcase-'));
  // PostgreSQL does not run as root: its own user must come through.
  chmodSync(folder, 0o711);
  return {
    folder,
    remove: () => {
      try {
        rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      } catch (thrown) {
        // Of a run that was stopped in the middle, somebody may still write.
        console.error(`left behind: ${folder} (${(thrown as NodeJS.ErrnoException).code})`);
      }
    },
  };
}

/** Exists, has room, and programs may be run from it. */
function isRoomy(folder: string): boolean {
  if (!existsSync(folder) || !existsSync('/proc/mounts')) return false;
  const { bavail, bsize } = statfsSync(folder);
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .findLast((line) => line.split(' ')[1] === folder);
  return bavail * bsize >= ROOM_MIN_BYTES && mount !== undefined && !/\b(noexec|ro)\b/.test(mount.split(' ')[3] ?? '');
}
