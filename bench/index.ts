// npm run bench: what the README states, measured on the whole shop with the stand-ins answering at once.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { startOwnShop } from '../scripts/demo-shop.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
const PURCHASES = 10;

interface DemoResult {
  readonly phases: readonly { readonly name: string; readonly atMs: number }[];
  readonly outcome: string;
}

const startedMs = performance.now();
const { shop, stateFolder, stop } = await startOwnShop();
const readyMs = performance.now() - startedMs;
try {
  const results: DemoResult[] = [];
  for (let n = 0; n < PURCHASES; n += 1) {
    const args = ['scripts/demo.ts', '--json', '--state', stateFolder, '--nothing'];
    const { stdout } = await run(process.execPath, args, { cwd: ROOT });
    results.push(JSON.parse(stdout) as DemoResult);
  }
  report('ready line after', readyMs, 'ms');
  report(
    'POST /unlock to its answer, median',
    median(results.map((result) => between(result, 'tap', 'unlocking'))),
    'ms',
  );
  report('visit opened to the broker having the unlock, median', median(publishMs(stateFolder)), 'ms');
  report('tap to unlocked door, median', median(results.map((result) => between(result, 'tap', 'unlocked'))), 'ms');
  report(
    'door shut to receipt, median',
    median(results.map((result) => between(result, 'door shut', 'receipt'))),
    'ms',
  );
  report('memory of all processes, idle', memoryMegabytes(shop.pid), 'MB');
} finally {
  await stop();
}
// Each store in a process of its own: Node-RED runs once in one.
for (const store of ['sqlite', 'postgres']) {
  const { stdout } = await run(process.execPath, ['bench/settle.ts', store], { cwd: ROOT }).catch((failed: Error) => ({
    stdout: `settling on ${store} was not measured: ${failed.message.split('\n').at(-2) ?? ''}\n`,
  }));
  process.stdout.write(stdout);
}
for (const bench of [
  'bench/comes-back.ts',
  'bench/visit.ts',
  'bench/hooks.ts',
  'bench/firmware.ts',
  'bench/detect.ts',
  'bench/recorder.ts',
]) {
  const { stdout } = await run(process.execPath, [bench], { cwd: ROOT }).catch((failed: Error) => ({
    stdout: `${bench} was not measured: ${failed.message.split('\n').at(-2) ?? ''}\n`,
  }));
  process.stdout.write(stdout);
}
process.exit();

function between({ phases }: DemoResult, from: string, to: string): number {
  const at = (name: string) => phases.find((phase) => phase.name === name)?.atMs ?? Number.NaN;
  return at(to) - at(from);
}

/** From the ledger: when a visit was opened, and when the broker had acknowledged its signed unlock. */
function publishMs(stateFolder: string): number[] {
  const ledger = new DatabaseSync(join(stateFolder, 'ledger.sqlite'), { readOnly: true });
  const rows = ledger
    .prepare(
      `select outbox.done_at_ms - visits.created_at_ms as ms from outbox
       join visits on visits.id = json_extract(outbox.body, '$.payload.id')
       where json_extract(outbox.body, '$.payload.type') = 'unlock' and outbox.done_at_ms is not null`,
    )
    .all() as { ms: number }[];
  ledger.close();
  return rows.map(({ ms }) => ms);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Resident memory of a process and its children (Linux only). */
function memoryMegabytes(pid: number): number {
  const pids = [pid, ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)];
  const kilobytes = pids
    .filter((id) => id > 0)
    .map((id) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0));
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024;
}

function report(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(56)} ${value.toFixed(0).padStart(7)} ${unit}`);
}
