// A process of the test run: runs the spec files it is given, one after the other, and tells what became of each test.
// Long-living, so that Node-RED and the shop's modules are loaded once and not for every file.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import Mocha from 'mocha';
import { takeSkipReasons } from '../../test/needs.ts';
import { TEST_HANG_MS } from '../../test/patience.ts';
import type { Order, Told } from './messages.ts';

/** Linux counts CPU time in hundredths of a second (USER_HZ, proc(5)). */
const CPU_TICK_MS = 10;

const { TAPCASE_GREP: grep, TAPCASE_SEED: seed } = process.env;
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
const tell = (told: Told) => process.send!(told);
/** While tests run mocha takes what is thrown beside them; before and after, the file is to blame. */
let atRest = 'the process';
let isRunning = false;

// Mocha hands an unhandled rejection on to whoever else listens; thrown, it fails the test that runs.
process.on('unhandledRejection', (reason) => {
  throw reason;
});
process.on('uncaughtException', (thrown) => {
  if (!isRunning) fail(`between files, when ${atRest} had ended or was loaded`, thrown);
});
process.on('message', (order: Order) => {
  if (order.kind === 'run') void run(order.file);
  else process.exit();
});
// Whoever gave the orders is gone.
process.on('disconnect', () => process.exit(1));

async function run(file: string): Promise<void> {
  const startMs = performance.now();
  const startCpuMs = cpuMs();
  atRest = file;
  try {
    await runMocha(file);
  } catch (thrown) {
    fail(`${file} cannot be loaded`, thrown);
  }
  const cost = { wallMs: performance.now() - startMs, cpuMs: cpuMs() - startCpuMs };
  tell({ kind: 'done', cost, reasons: takeSkipReasons() });
}

async function runMocha(file: string): Promise<void> {
  // The base of all reporters prints nothing by itself: the parent prints.
  const mocha = new Mocha({ timeout: TEST_HANG_MS, forbidOnly: true, reporter: Mocha.reporters.Base });
  if (grep !== undefined) mocha.grep(grep);
  mocha.addFile(resolve(file));
  await mocha.loadFilesAsync();
  isRunning = true;
  await new Promise<void>((done) => {
    const runner = mocha.run(() => done());
    // Said before the first test: what is missing at the end is counted against it.
    tell({ kind: 'loaded', tests: runner.total });
    runner.on('pass', (test) => tell({ kind: 'passed', title: test.fullTitle() }));
    runner.on('pending', (test) => tell({ kind: 'skipped', title: test.fullTitle() }));
    // A test can fail twice, and fails once.
    const failed = new Set<unknown>();
    runner.on('fail', (test, error) => {
      fail(test.fullTitle(), error, test.type === 'test' && !failed.has(test));
      failed.add(test);
    });
  });
  isRunning = false;
  // Takes its ears off the process: what comes now is not its own.
  mocha.dispose();
}

function fail(title: string, thrown: unknown, isTest = false): void {
  tell({ kind: 'failed', failure: { title, text: textOf(thrown) }, isTest });
}

function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${textOf(thrown.cause)}`;
  return (thrown.stack ?? String(thrown)) + cause;
}

/** Of this process and of its children that have ended; 0 where the system does not say. */
function cpuMs(): number {
  try {
    // The name in brackets may hold spaces; utime, stime, cutime and cstime are fields 14 to 17.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * CPU_TICK_MS, 0);
  } catch {
    return 0;
  }
}
