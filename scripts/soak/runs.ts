// Runs one command of the soak in the foreground, and says in a word how it ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Outcome {
  readonly name: string;
  readonly result: string;
  readonly isWell: boolean;
  readonly seconds: number;
}

/** The test suite with these options. */
export async function suite(name: string, options: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tapcase-soak-'));
  const counts = join(folder, 'counts.json');
  try {
    const outcome = await run(name, ['scripts/test/main.ts', '--counts', counts, ...options]);
    const { passed, failed, skipped } = JSON.parse(readFileSync(counts, 'utf8')) as Record<string, number>;
    return { ...outcome, result: `${passed} passed, ${failed} failed, ${skipped} skipped` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A script of this project with its arguments. */
export async function run(name: string, words: readonly string[]): Promise<Outcome> {
  console.log(`\n== ${name}: node ${words.join(' ')}`);
  const startMs = performance.now();
  const child = spawn(process.execPath, [...words], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  const seconds = Math.round((performance.now() - startMs) / 1000);
  return { name, result: code === 0 ? 'well' : `exit ${code}`, isWell: code === 0, seconds };
}
