// npm run soak: what is too slow for every day and is run before a release. Words choose stages, without any all are run:
//   clocks     the quick half under false clocks and in far time zones (--whole: all of it)
//   load       beside four busy loops: the whole suite twice, its quick half five times
//   alone      the whole suite five times, and how long it took
//   storms     the random tests with other seeds (--seed N: the first of them)
//   proof      a thousand visits with three hundred kills, on SQLite and on PostgreSQL
//   week       seven simulated days of a case
//   rough      a rough month of a case, twenty times over (--seed N: the first of them)
//   strangers  a hundred thousand odd requests beside slow connections and live pages (--seed N)
import { parseArgs } from 'node:util';
import { busyLoops } from './busy-loops.ts';
import { clocks, ZONES } from './clocks.ts';
import { type Outcome, run, suite } from './runs.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { whole: { type: 'boolean', default: false }, seed: { type: 'string' } },
});
const LOOPS = 4;
const STORMS = 5;
const ROUGH_MONTHS = 20;
const firstSeed = Number(values.seed ?? Date.now() % 1_000_000);
const times = <T>(count: number, each: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => each(i));

/** Each gives its runs in order; one that fails does not keep the next from running. */
const STAGES: Readonly<Record<string, () => AsyncIterable<Outcome> | Iterable<Promise<Outcome>>>> = {
  clocks: () => {
    const half = values.whole ? [] : ['--quick'];
    return lazily([
      ...clocks().map(
        ({ name, offset }) =>
          () =>
            suite(`clock: ${name}`, [...half, '--clock', offset]),
      ),
      ...ZONES.map((zone) => () => suite(`zone: ${zone}`, [...half, '--zone', zone])),
    ]);
  },
  load: async function* () {
    const stop = busyLoops(LOOPS);
    try {
      for (const quick of [...times(2, () => false), ...times(5, () => true)]) {
        yield await suite(`${LOOPS} busy loops: ${quick ? 'quick half' : 'whole'}`, quick ? ['--quick'] : []);
      }
    } finally {
      stop();
    }
  },
  alone: () => lazily(times(5, () => () => suite('alone: whole', []))),
  storms: () =>
    lazily(times(STORMS, (i) => () => suite(`seed ${firstSeed + i}`, ['--quick', '--seed', `${firstSeed + i}`]))),
  proof: () =>
    lazily(
      ['sqlite', 'postgres'].map(
        (store) => () =>
          run(`proof on ${store}`, ['prove/main.ts', '--visits', '1000', '--kills', '300', '--store', store]),
      ),
    ),
  week: () => lazily([() => run('week', ['scripts/week.ts', '--seed', `${firstSeed}`, '--days', '7'])]),
  rough: () =>
    lazily(
      times(ROUGH_MONTHS, (i) => () => {
        const words = ['scripts/week.ts', '--rough', '--days', '30', '--json', '--seed', `${firstSeed + i}`];
        return run(`rough month, seed ${firstSeed + i}`, words);
      }),
    ),
  strangers: () =>
    lazily([() => run(`strangers, seed ${firstSeed}`, ['scripts/soak/strangers/main.ts', '--seed', `${firstSeed}`])]),
};

const unknown = positionals.filter((name) => !Object.hasOwn(STAGES, name));
if (unknown.length > 0) {
  console.error(`soak: no stage ${unknown.join(', ')}; there are ${Object.keys(STAGES).join(', ')}`);
  process.exit(2);
}

const outcomes: Outcome[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(STAGES)) {
  for await (const outcome of STAGES[name]!()) outcomes.push(outcome);
}
console.log('\n| run | result | took |\n|---|---|---|');
for (const { name, result, seconds } of outcomes) console.log(`| ${name} | ${result} | ${seconds} s |`);
process.exit(outcomes.every(({ isWell }) => isWell) ? 0 : 1);

function* lazily(runs: readonly (() => Promise<Outcome>)[]): Iterable<Promise<Outcome>> {
  for (const one of runs) yield one();
}
