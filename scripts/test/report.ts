// What a test run prints: a line a file, failures whole and with the command that repeats them, what was skipped and why, and
// as its very last line `N passed, N failed, N skipped`.
import { styleText } from 'node:util';
import type { Failure, FileResult } from './messages.ts';

const TIMES_MAX = 25;
/** Of what a failing file printed: the end, where the trouble usually is. */
const OUTPUT_LINES_MAX = 60;

interface FileOptions {
  readonly of: number;
  readonly done: number;
  readonly titles: boolean;
  readonly again: (file: string) => string;
}

export function file(result: FileResult, { of, done, titles, again }: FileOptions): void {
  const { file: name, passed, skipped, failures, missing, cost } = result;
  const isWell = failures.length === 0 && missing === 0;
  const number = `${String(done).padStart(String(of).length)}/${of}`;
  const mark = isWell ? colour('green', 'ok  ') : colour('red', 'FAIL');
  const tests = `${passed.length}${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
  console.log(`${number}  ${mark}  ${seconds(cost.wallMs).padStart(7)}  ${name}  ${colour('dim', `(${tests})`)}`);
  if (titles) for (const title of passed) console.log(`          ${title}`);
  if (isWell) return;
  for (const one of failures) failure(one);
  if (missing > 0) console.log(indent(colour('red', `${missing} of its tests never said how they ended`)));
  const lines = result.output.trimEnd().split('\n');
  if (result.output.trim() !== '') {
    console.log(indent(colour('dim', 'It printed:')));
    console.log(indent(lines.slice(-OUTPUT_LINES_MAX).join('\n'), 6));
  }
  console.log(indent(`Again: ${again(name)}\n`));
}

export function failure({ title, text }: Failure): void {
  console.log(`\n${indent(colour('red', title))}\n${indent(text, 6)}\n`);
}

export function times(results: readonly FileResult[]): void {
  const slowest = [...results].sort((a, b) => b.cost.wallMs - a.cost.wallMs).slice(0, TIMES_MAX);
  console.log(`\nThe ${slowest.length} files that took longest (wall, CPU with that of ended children):`);
  for (const { file: name, cost } of slowest) {
    console.log(`  ${seconds(cost.wallMs).padStart(7)} ${seconds(cost.cpuMs).padStart(7)}  ${name}`);
  }
  const cpuMs = results.reduce((sum, { cost }) => sum + cost.cpuMs, 0);
  console.log(`  CPU of all ${results.length}: ${seconds(cpuMs)}`);
}

interface Run {
  readonly results: readonly FileResult[];
  readonly strays: readonly Failure[];
  /** Every file that was to run. */
  readonly files: readonly string[];
  readonly requireAll: boolean;
  readonly startMs: number;
  readonly again: (file: string) => string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What did not run counts as failed: a run that ends early is never green. */
export function summary({ results, strays, files, requireAll, startMs, again }: Run): Counts {
  const sum = (of: (result: FileResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const unheard = files.filter((name) => !results.some((result) => result.file === name));
  const skipped = sum((result) => result.skipped.length);
  const passed = sum((result) => result.passed.length);
  const failed =
    sum(({ failures, missing }) => failures.length + missing) +
    strays.length +
    unheard.length +
    (requireAll ? skipped : 0) +
    (passed === 0 && skipped === 0 ? 1 : 0);

  console.log('');
  const bad = results.filter(({ failures, missing }) => failures.length > 0 || missing > 0);
  for (const { file: name, failures } of bad) {
    for (const { title } of failures) console.log(`${colour('red', 'failed')}  ${title}`);
    console.log(`        ${again(name)}`);
  }
  if (unheard.length > 0) {
    console.log(colour('red', `The run ended early: ${unheard.length} of ${files.length} files did not run.`));
  }
  tellSkipped(results, requireAll);
  console.log(colour('dim', `${files.length} files in ${seconds(performance.now() - startMs)}`));
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return { passed, failed, skipped };
}

function tellSkipped(results: readonly FileResult[], requireAll: boolean): void {
  const filesOf = new Map<string, number>();
  for (const { reasons } of results) {
    for (const reason of reasons) filesOf.set(reason, (filesOf.get(reason) ?? 0) + 1);
  }
  const skipped = results.reduce((total, result) => total + result.skipped.length, 0);
  if (skipped === 0) return;
  console.log(`Skipped ${skipped} tests${requireAll ? ', and none may be' : ''}:`);
  for (const [reason, count] of filesOf) console.log(`  ${reason} (${count} ${count === 1 ? 'file' : 'files'})`);
  const packages = [...filesOf.keys()].flatMap((reason) => /\(Debian package: ([a-z0-9-]+)\)/.exec(reason)?.[1] ?? []);
  if (packages.length > 0) console.log(`  To run them too: sudo apt-get install ${[...new Set(packages)].join(' ')}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function indent(text: string, by = 4): string {
  return text.replaceAll(/^/gm, ' '.repeat(by));
}

function colour(format: Parameters<typeof styleText>[0], text: string): string {
  // Node leaves the colours out where the output is no terminal or NO_COLOR is set.
  return styleText(format, text, { stream: process.stdout });
}
