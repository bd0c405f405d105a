// npm run reconcile: replays stored visits line by line, and scores the answers where the truth is known.
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createScore, Fault, type Score } from '@tapcase/domain';
import { openFiles } from './files.ts';
import { HELP, parseOptions } from './options.ts';
import { scoreTable } from './score-table.ts';
import { replayed, told } from './stream.ts';

const EXIT = { good: 0, badLines: 1, broken: 2 } as const;

// Not process.exit: what a pipe has not taken yet would be lost.
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  const fault = error instanceof Error ? faultOf(error) : null;
  say(fault === null ? String((error as Error).stack ?? error) : `reconcile: ${told(fault)}`);
  return EXIT.broken;
});

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options instanceof Fault) throw options;
  if (options.help) {
    process.stdout.write(HELP);
    return EXIT.good;
  }
  const files = await openFiles(options);
  const score = createScore();
  const tally = { results: 0, bad: 0 };
  const bad = (line: number, fault: Fault) => say(`${options.cases}:${line}: ${told(fault)}`);
  const results = Readable.from(replayed(files.cases, { ...files, score, tally, bad }));
  if (files.out === null) await pipeline(results, process.stdout, { end: false });
  else await pipeline(results, files.out);
  await tell(score, files.score);
  say(`${tally.results} results, ${tally.bad} bad lines`);
  return tally.bad === 0 ? EXIT.good : EXIT.badLines;
}

async function tell(score: Score, file: Writable | null): Promise<void> {
  const result = score.result();
  if (file !== null) await pipeline(Readable.from([`${JSON.stringify(result, null, 2)}\n`]), file);
  if (result.visits > 0) process.stderr.write(scoreTable(result));
  else if (file !== null) say('no case says its truth: nothing was scored');
}

/** null where it is our mistake: then the stack is what helps. Reading gives Faults of its own (files.ts). */
function faultOf(error: Error): Fault | null {
  if (error instanceof Fault) return error;
  const isSystem = 'syscall' in error || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE');
  return isSystem ? new Fault('replay.unwritable', error.message) : null;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
