// npm test: every spec file, four at a time.
//   --quick              leaves out what waits for real programs
//   --require-all        makes a skipped test a failure
//   --times              the 25 files that took longest
//   --titles             every test by its title
//   --grep TEXT          only tests whose title has it
//   --seed N             what random tests begin with; the same for every run unless said
//   --clock +400d        under a false clock (libfaketime);  --zone Pacific/Kiritimati  in another time zone
//   --workers N          processes at a time
//   --counts FILE        this run's numbers as JSON
//   other words are spec files
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { falseClock } from './clock.ts';
import type { Failure, FileResult } from './messages.ts';
import { keepTimes, plan } from './plan.ts';
import { startPool } from './pool.ts';
import * as tell from './report.ts';
import { makeScratch } from './scratch.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    'require-all': { type: 'boolean', default: false },
    times: { type: 'boolean', default: false },
    titles: { type: 'boolean', default: false },
    grep: { type: 'string' },
    seed: { type: 'string', default: '1' },
    clock: { type: 'string' },
    zone: { type: 'string' },
    workers: { type: 'string' },
    counts: { type: 'string' },
  },
});
/**
 * Two more than there are cores, for there are always files that wait. Each holds a Node-RED, and often a whole shop beside
 * it: more than four ask for more memory than they save time.
 */
const WORKERS = Math.min(availableParallelism() + 2, 4);

const absent = positionals.filter((file) => !existsSync(file));
if (absent.length > 0) {
  console.error(`test: no such spec file: ${absent.join(', ')}`);
  process.exit(2);
}

const files = plan({ named: positionals, quick: values.quick });
const scratch = makeScratch();
const results: FileResult[] = [];
const strays: Failure[] = [];
const startMs = performance.now();

const pool = startPool({
  files,
  workers: Math.min(Number(values.workers ?? WORKERS), files.length),
  env: environment(),
  onResult: (result) => {
    results.push(result);
    tell.file(result, { of: files.length, done: results.length, titles: values.titles, again });
  },
  onStray: (failure) => {
    strays.push(failure);
    tell.failure(failure);
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    pool.stop();
    finish();
  });
}
await pool.ended;
finish();

function finish(): never {
  scratch.remove();
  // What a part of a file takes says nothing of the whole.
  if (values.grep === undefined) keepTimes(results.filter(({ failures }) => failures.length === 0));
  if (values.times) tell.times(results);
  const counts = tell.summary({ results, strays, files, requireAll: values['require-all'], startMs, again });
  if (values.counts !== undefined) writeFileSync(values.counts, JSON.stringify(counts));
  process.exit(counts.failed > 0 ? 1 : 0);
}

/** The command that runs this file as this run did. */
function again(file: string): string {
  const options = (['seed', 'clock', 'zone'] as const).flatMap((name) => {
    const value = values[name];
    return value === undefined || (name === 'seed' && value === '1') ? [] : [`--${name} ${value}`];
  });
  return ['npm test --', file, ...options].join(' ');
}

function environment(): Readonly<Record<string, string | undefined>> {
  return {
    ...process.env,
    TAPCASE_TEST_WORKER: '1',
    TMPDIR: scratch.folder,
    TAPCASE_SEED: values.seed,
    TAPCASE_GREP: values.grep,
    TAPCASE_REQUIRE_ALL: values['require-all'] ? '1' : undefined,
    // The Stripe SDK tells its news on stderr.
    STRIPE_SUPPRESS_NOTICES: 'true',
    ...(values.clock === undefined ? {} : falseClock(values.clock)),
    ...(values.zone === undefined ? {} : { TZ: values.zone }),
  };
}
