// npm run week: a seeded week of visits and misfortunes in virtual time, and whether every door event was recorded once.
import { parseArgs } from 'node:util';
import { broken, runWeek, type WeekResult } from './week/run.ts';

const USAGE = 'npm run week -- [--seed N] [--days D] [--rough] [--json] [--log]';
const DAYS = 7;
const DAYS_MAX = 60;

const { values } = options();
const seed = wholeUpTo('seed', values.seed, 2 ** 31);
const days = number('days', values.days, DAYS_MAX);
const startedMs = performance.now();
const result = await runWeek({
  seed,
  days,
  rough: values.rough,
  ...(values.log ? { log: (line: string) => console.error(line) } : {}),
});
const tookS = Math.round((performance.now() - startedMs) / 1_000);
if (values.json) console.log(JSON.stringify(result));
else table(result);
process.exit(broken(result).length > 0 ? 1 : 0);

function options() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        days: { type: 'string', default: String(DAYS) },
        rough: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        log: { type: 'boolean', default: false },
      },
    });
  } catch (thrown) {
    return fail(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function number(name: string, text: string, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= most)) return fail(`--${name} wants a number up to ${most}`);
  return value;
}

function wholeUpTo(name: string, text: string, most: number): number {
  const value = number(name, text, most);
  return Number.isInteger(value) ? value : fail(`--${name} wants a whole number`);
}

function fail(why: string): never {
  console.error(`${why}\n${USAGE}`);
  process.exit(2);
}

function table(week: WeekResult): void {
  const rows: [string, string | number][] = [
    ['days', week.days],
    ['visits', week.visits],
    ['radio outages', week.outages],
    ['brown-outs', week.brownouts],
    ['plugs pulled', week.plugPulls],
    ['temperature alarms', week.alarms],
    ['lockouts because of them', week.lockouts],
    ['updates over the air', week.updates],
    ['jumps of the cloud’s clock', week.clockJumps],
    ['door events put into the outbox', week.doorEventsSent],
    ['door events in the ledger', week.doorEventsRecorded],
    ['recorded twice', week.duplicates],
    ['resets nobody can explain', week.unexplainedResets],
    ['unlocked without a command', week.unlockedWithoutCommand],
    ['visits that never ended', week.visitsWithoutEnd],
    ['boards swapped', week.swaps],
    ['ledgers put back', week.restores],
    ['authentic frames discarded silently', week.silentDiscards],
    ['robbed of their ten seconds', week.lostTenSeconds],
    ['longest silence without a step, s', week.longestSilenceSeconds],
    ['radio, kilobytes', Math.round(week.radioBytes / 1024)],
    ['seconds it took', tookS],
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(36)} ${String(value).padStart(9)}`);
  if (week.notTried.length > 0) console.log(`not tried in so short a time: ${week.notTried.join(', ')}`);
  const wrong = broken(week);
  console.log(wrong.length === 0 ? 'Every door event was recorded exactly once.' : `BROKEN: ${wrong.join('; ')}`);
}
