// npm run bench:reconcile: the contenders on the same seeded visits; prints the tables, and writes them where asked.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTables } from './document.ts';
import { exportCases } from './export.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { runJobs } from './pool.ts';
import { summarize } from './summary.ts';
import { parameterTables, resultTables, timeLines } from './tables.ts';

const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'reconcile.md');

const options = optionsOrExit();
if (options.exportFolder !== undefined) {
  for (const folder of await exportCases(options.exportFolder, options.jobs)) console.log(folder);
} else {
  await runBenchmark(options);
}

async function runBenchmark({ jobs, threads, seed, split, visits, perScenario, markdown, jsonFile }: Options) {
  let done = 0;
  const onDone = () => {
    done += 1;
    process.stderr.write(`${done} of ${jobs.length} catalogs done\n`);
  };
  const summaries = summarize(await runJobs(jobs, { threads, onDone }));
  const run = { seed, split, visits, perScenario };
  const tables = `${resultTables(summaries, run)}\n\n### What the benchmark plays\n\n${parameterTables()}`;
  console.log(tables);
  for (const line of timeLines(summaries)) process.stderr.write(`${line}\n`);
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify({ run, summaries }, null, 1)}\n`);
  if (markdown) writeFileSync(DOCUMENT, withTables(existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '', tables));
}

function optionsOrExit(): Options {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}
