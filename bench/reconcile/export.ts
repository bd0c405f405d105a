// Writes visits as `npm run reconcile` reads them: catalog.json and cases.jsonl, one folder for each catalog.
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Job, worldOf } from './job.ts';
import { makeVisit, type VisitCase } from './visit.ts';

/** The folders written. */
export async function exportCases(folder: string, jobs: readonly Job[]): Promise<string[]> {
  const written: string[] = [];
  for (const job of jobs) {
    const world = worldOf(job);
    const into = join(folder, `${job.variant}-${job.products}-${job.catalog}`);
    mkdirSync(into, { recursive: true });
    writeFileSync(join(into, 'catalog.json'), `${JSON.stringify(world.catalog, null, 1)}\n`);
    const cases = createWriteStream(join(into, 'cases.jsonl'));
    for (let index = 0; index < job.visits; index += 1) {
      const options = { split: job.split, seed: job.seed, index, plates: job.variant === 'plates' };
      cases.write(`${JSON.stringify(caseRecord(makeVisit(world, options)))}\n`);
    }
    cases.end();
    await finished(cases);
    written.push(into);
  }
  return written;
}

/** Without the catalog, which stands in its own file, and without what only the oracle may know. */
export function caseRecord({ id, scenario, scale, zones, cameras, stock, truth }: VisitCase) {
  return { id, scenario, scale, zones, cameras, stock, truth };
}
