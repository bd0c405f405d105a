// Writes flow files and is killed as it is about to take its n-th step on the disk: node killed-in-deploy.ts FOLDER FILES N
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [folder, files, step] = process.argv.slice(2) as [string, string, string];
let left = Number(step);
for (const name of ['openSync', 'writeFileSync', 'fsyncSync', 'renameSync', 'rmSync'] as const) {
  const original = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      // Somebody else's: the loader reads and writes too.
      if (typeof args[0] === 'number' || String(args[0]).startsWith(folder)) left -= 1;
      // SIGKILL: nothing is flushed, closed or said.
      if (left === 0) process.kill(process.pid, 'SIGKILL');
      return original(...args);
    },
  });
}
syncBuiltinESMExports();
const { writeFolders } = await import('../../host/flows/disk.ts');
writeFolders(folder, JSON.parse(files) as Parameters<typeof writeFolders>[1]);
process.exit(0);
