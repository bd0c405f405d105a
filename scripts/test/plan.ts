// Which spec files a run has, and in which order: those that take longest first, so that no worker is left alone at the end.
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileResult } from './messages.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ALL = 'test/**/*.spec.ts';
const NEVER = 'test/**/node_modules/**';

/** Whole shops, browsers, benches, cameras, databases, rendered shelves, and the firmware over hours and weeks of its time. */
const SLOW = [
  'test/{bench,e2e,browser}/**/*.spec.ts',
  'test/adapters/ledger{,-postgres}.spec.ts',
  'test/deploy/*.spec.ts',
  'test/firmware/{board-power,controller,fuzz,image,link-health,lock-fsm,modem,outbox,pi-line,scale,seams,update,week}.spec.ts',
  'test/flows/edge.spec.ts',
  'test/host/{dataset-export,npm,proxy,staff-open,staff-passwords,start,supervision,variables}.spec.ts',
  'test/nodes/{camera,camera-source,detr-cli,detr-detect,gpio-in,video-recorder-kill}.spec.ts',
  'test/sim/{shelf,virtual}.spec.ts',
  'test/tls/broker.spec.ts',
  'test/vanilla/*.spec.ts',
];
/** The longest of them: begun late in a clone that knows no times yet, one would run on alone at the end. */
const LONGEST = [
  'test/browser/shop.spec.ts',
  'test/e2e/comes-back.spec.ts',
  'test/e2e/prove.spec.ts',
  'test/e2e/shop.spec.ts',
  'test/firmware/week.spec.ts',
  'test/host/start.spec.ts',
  'test/tls/broker.spec.ts',
];
/** How long each file took when it last ran here; kept beside what is installed, so that no clone begins with another's. */
const TIMES_FILE = join(ROOT, 'node_modules', '.tapcase-test-times.json');
/** Of a file that never ran here: what the longest take, the slow half, and the rest. */
const GUESS_MS = { longest: 100_000, slow: 15_000, quick: 1_000 };

type Times = Readonly<Record<string, number>>;

/** The files of a run, longest first. `named`: only these, in the order in which they were named. */
export function plan({ named, quick }: { named: readonly string[]; quick: boolean }): readonly string[] {
  if (named.length > 0) return named;
  const slow = new Set(globSync(SLOW, { cwd: ROOT }));
  const files = globSync(ALL, { cwd: ROOT, exclude: [NEVER] }).filter((file) => !quick || !slow.has(file));
  const times = readTimes();
  const guessMs = (file: string) =>
    LONGEST.includes(file) ? GUESS_MS.longest : slow.has(file) ? GUESS_MS.slow : GUESS_MS.quick;
  const costMs = (file: string) => times[file] ?? guessMs(file);
  return files.sort((a, b) => costMs(b) - costMs(a) || a.localeCompare(b));
}

/** Remembers for the next run what these took. */
export function keepTimes(results: readonly FileResult[]): void {
  const took = results.map(({ file, cost }) => [file, Math.round(cost.wallMs)] as const);
  mkdirSync(dirname(TIMES_FILE), { recursive: true });
  writeFileSync(TIMES_FILE, JSON.stringify({ ...readTimes(), ...Object.fromEntries(took) }));
}

function readTimes(): Times {
  if (!existsSync(TIMES_FILE)) return {};
  try {
    return JSON.parse(readFileSync(TIMES_FILE, 'utf8')) as Times;
  } catch {
    // Torn by a run that was killed; it only orders.
    return {};
  }
}
