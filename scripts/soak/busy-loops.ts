// Keeps the machine busy: so many processes that do nothing but turn round, ended by their own process ids.
import { spawn } from 'node:child_process';

/** The result ends them. They end by themselves when this process is gone. */
export function busyLoops(count: number): () => void {
  const LOOP = `const parent = process.ppid; for (;;) { for (let i = 0; i < 1e8; i += 1); if (process.ppid !== parent) process.exit(); }`;
  const loops = Array.from({ length: count }, () => spawn(process.execPath, ['-e', LOOP], { stdio: 'ignore' }));
  return () => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
}
