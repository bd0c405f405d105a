// Loaded into a command before anything else: kills it as it is about to put its n-th whole file into place, TEST_KILL_AT.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const rename = fs.rename;
let left = Number(process.env.TEST_KILL_AT);
fs.rename = async (from, to) => {
  left -= 1;
  // SIGKILL: nothing is flushed, closed or said.
  if (left === 0) process.kill(process.pid, 'SIGKILL');
  await rename(from, to);
};
syncBuiltinESMExports();
