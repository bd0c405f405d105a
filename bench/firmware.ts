// npm run bench, the firmware's part: how fast a case obeys and weighs, what it holds in memory and sends over the radio.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHOWN_BYTES_MAX } from '../nodes/node-red-contrib-tapcase/src/money/end-effects.ts';
import { compileApp, type ImageFile } from '../scripts/firmware/compile.ts';
import { loopLags, SHOWN_ITEMS, startFirmwareBench } from './firmware-bench.ts';
import { standInBytes } from './firmware-heap.ts';

const ROOT = join(import.meta.dirname, '..');
/** Unlocks whose time to the lock's pin is taken, and visits whose time to the weighed report is. */
const VISITS = 40;
const GROWTH_VISITS = 1_000;
/** How many of the last and of the first visits the heap is compared over. */
const GROWTH_SAMPLE = 50;
/** Of the 4 s that the firmware gives a shelf to come to rest. */
const WEIGHING_MS = 3_000;
const WEIGHINGS = 10;
const RADIO_NOISE_MS = 50;
const LOOP_MS = 12_000;
const CONVERSION_MS = 12.5;

const folder = mkdtempSync(join(tmpdir(), 'tapcase-bench-'));
try {
  await visits();
  await sampling();
  await growth();
  await size();
  // Last: its board goes on by itself, and two in one process would get in each other's way.
  await loop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

async function visits(): Promise<void> {
  const bench = await startFirmwareBench(join(folder, 'visits'));
  const unlocks: number[] = [];
  const weighed: number[] = [];
  const before = { ...bench.traffic };
  for (let n = 0; n < VISITS; n += 1) {
    const { unlockMs, weighedMs } = await bench.visit(355);
    unlocks.push(unlockMs);
    weighed.push(weighedMs);
  }
  const each = (name: keyof typeof before) => (bench.traffic[name] - before[name]) / VISITS;
  report('unlock command received to lock pin, worst (VM time)', Math.max(...unlocks), 'ms', 'under 50');
  report('door shut to weighed report, worst (simulated)', Math.max(...weighed), 'ms', 'under 1200');
  report('radio, payload of a visit, both directions', each('payloadBytes'), 'bytes', 'at most 1536');
  report('radio, the same with topics', each('payloadBytes') + each('topicBytes'), 'bytes', '');
  const longest = each('payloadBytes') - Buffer.byteLength(JSON.stringify(SHOWN_ITEMS)) + SHOWN_BYTES_MAX;
  report('radio, payload of a visit with the longest receipt', longest, 'bytes', 'at most 1536');
  report('radio, frames of a visit', each('frames'), '', '');
}

/** The chip converts 80 times a second; one that is not fetched before the next is lost. */
async function sampling(): Promise<void> {
  const bench = await startFirmwareBench(join(folder, 'sampling'));
  let [lost, of] = [0, 0];
  for (let n = 0; n < WEIGHINGS; n += 1) {
    await bench.openVisit();
    const weighing = await bench.weigh(WEIGHING_MS, RADIO_NOISE_MS, CONVERSION_MS);
    lost += weighing.lost;
    of += weighing.of;
  }
  report('conversions lost at 80 Hz, weighing in radio traffic', lost, `of ${of}`, '0');
}

/** In real time, all tasks running and the broker talking: how late a task that sleeps 20 ms comes back. */
async function loop(): Promise<void> {
  const lags = await loopLags(join(folder, 'loop'), LOOP_MS, RADIO_NOISE_MS);
  const sorted = [...lags].sort((a, b) => a - b);
  report(
    'loop lag with all tasks, p99 (real time)',
    sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    'ms',
    'under 20',
  );
}

async function growth(): Promise<void> {
  const bench = await startFirmwareBench(join(folder, 'growth'), await slot(false));
  const heaps: number[] = [];
  for (let n = 0; n < GROWTH_VISITS; n += 1) {
    await bench.visit(n % 2 === 0 ? 355 : -355);
    if (n < GROWTH_SAMPLE || n >= GROWTH_VISITS - GROWTH_SAMPLE) heaps.push(await bench.heapBytes());
  }
  const least = (values: readonly number[]) => Math.min(...values);
  const first = least(heaps.slice(0, GROWTH_SAMPLE));
  const last = least(heaps.slice(-GROWTH_SAMPLE));
  const standIns = await standInBytes();
  report('heap in use, live, .mpy in words of 32 bits as on the board', (last - standIns) / 1024, 'KB', 'under 100');
  report('heap of the stand-ins for a board’s own modules, not in it', standIns / 1024, 'KB', '');
  const sources = await startFirmwareBench(join(folder, 'sources'), await slot(true));
  await sources.visit(355);
  report('heap in use, live, with sources instead of .mpy', ((await sources.heapBytes()) - standIns) / 1024, 'KB', '');
  report(`heap grown over ${GROWTH_VISITS} visits`, last - first, 'bytes', '0');
}

/** What a slot holds: the application, compiled or as it is written. */
async function slot(py: boolean): Promise<readonly ImageFile[]> {
  return (await compileApp(join(ROOT, 'firmware', 'app'), { py })).files;
}

/** What an over-the-air image carries. */
async function size(): Promise<void> {
  const bytes = (await slot(false)).reduce((sum, { data }) => sum + data.length, 0);
  report('size of the .mpy files', bytes / 1024, 'KB', '');
}

function report(what: string, value: number, unit: string, limit: string): void {
  const text = Number.isInteger(value) ? String(value) : value.toFixed(1);
  console.log(
    `${what.padEnd(60)} ${text.padStart(9)} ${unit.padEnd(8)} ${limit === '' ? '' : `limit: ${limit}`}`.trimEnd(),
  );
}
