// npm run soak -- strangers [--seed N] [--count N] [--first N]: a storm of odd requests (test/fuzz/) on the customers' listener, beside
// two thousand slow connections and five hundred phones that watch, go and come back. Exit 1 when the shop ended, something was our mistake, an honest
// request waited too long beside it, or the shop held on to what it had been given.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { customerExamples } from '../../../test/fuzz/examples.ts';
import { storm } from '../../../test/fuzz/storm.ts';
import type { Target } from '../../../test/fuzz/wire.ts';
import { until } from '../../../test/patience.ts';
import { slowCrowd, watchers } from './crowd.ts';
import { ask, questions, type Waited } from './honest.ts';
import { startStormedShop } from './shop.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '100000' },
    first: { type: 'string', default: '0' },
  },
});
const [seed, count, first] = [Number(values.seed), Number(values.count), Number(values.first)];

const SLOW_SOCKETS = 2_000;
/** Room for two whose end the shop has not heard of yet, when they come back. */
const WATCHERS_PER_VISIT = 8;
/** How long an honest phone is timed, quiet and beside the storm. */
const TIMED_MS = 40_000;
/** Of all strangers together while it is timed: a tenth of a core's work. Flat out, a single loop makes everybody wait. */
const PER_SECOND = 100;
/** How much longer, at the 99th percentile, an honest request may take beside the storm. */
const SLOWER_MAX = 4;
/** What a first storm of this size leaves is the shop's own: compiled code, caches, pages of the ledger. */
const WARM_COUNT = 4_000;
/** A noise of what is under way in the moment: a job of the ledger's, a batch of the outbox. */
const HEAP_MORE_MB_MAX = 25;
/** Two windows of the counters per address (host/table.ts), which are dropped then. */
const SETTLE_MS = 125_000;
const MISTAKE = /node\.bug|node\.unknown|message\.incomplete|unheard-promise|Unhandled|Uncaught|TypeError|RangeError/;

const shop = await startStormedShop();
const findings: string[] = [];
try {
  await soak();
} catch (thrown) {
  findings.push((thrown as Error).message);
}
if (shop.hasEnded()) findings.push(`the cloud has ended:\n${shop.lines.slice(-20).join('\n')}`);
findings.push(...shop.lines.filter((line) => MISTAKE.test(line)).slice(0, 10));
await shop.stop();
for (const finding of findings) console.error(`FOUND ${finding}`);
process.exit(findings.length > 0 ? 1 : 0);

async function soak(): Promise<void> {
  const { url, guestCookie, cookies, caseIds } = shop;
  const { hostname, port } = new URL(url);
  const visitId = await shop.purchase();
  const cast = { caseId: caseIds[1]!, guestCookie, buyerCookie: cookies[0]!, visitId };
  const examples = customerExamples(cast);
  const publicUrl = `http://localhost:${port}`;
  const options = { url, examples, secrets: [process.cwd(), shop.folder, 'root:x:0'], mayLeadTo: [publicUrl] };
  const openVisits: string[] = [];
  // The first case is the one that sells.
  for (const at of caseIds.keys()) if (at > 0) openVisits.push(await shop.leftOpen(at));
  // Numbered as shop.ts numbers them: the purchase was the first.
  const asked = questions(caseIds[2]!, caseIds[1]!, cookies[1]!, 'soak-000002');
  await storm({ ...options, seed: seed + 1_000_000, count: WARM_COUNT });
  const before = await settled();
  console.log(`before: ${tell(before)}`);

  const quiet = await timed('quiet');
  const target = (number: number): Target => ({
    ...{ host: hostname, port: Number(port) },
    address: `127.6.${Math.floor(number / 200)}.${1 + (number % 200)}`,
  });
  const slow = await slowCrowd(SLOW_SOCKETS, target);
  const watching = await watchers(
    openVisits.length * WATCHERS_PER_VISIT,
    (number) => target(5_000 + number),
    (number) => {
      const at = number % openVisits.length;
      return `GET /api/visits/${openVisits[at]}/live HTTP/1.1\r\nhost: shop.test\r\ncookie: ${cookies[at + 1]}\r\n\r\n`;
    },
  );
  await until('every watcher to be shown something', () => watching.shown() === openVisits.length * WATCHERS_PER_VISIT);
  console.log(`${slow.count()} slow connections, ${watching.count()} phones that watch`);

  let isTimed = true;
  let turns = 0;
  const startMs = performance.now();
  const turn = async () => {
    turns += 1;
    const dueMs = startMs + (turns / PER_SECOND) * 1_000;
    if (isTimed && dueMs > performance.now()) await setTimeout(dueMs - performance.now());
  };
  const stormy = storm({ ...options, seed, first, count, turn });
  // Heard of when it is awaited: here the timing comes first.
  stormy.catch(() => {});
  const beside = await timed(`beside ${PER_SECOND} a second`);
  isTimed = false;
  const flatOut = timed('beside as many as there can be');
  const { statuses } = await stormy;
  await flatOut;
  console.log(`${count - first} odd requests: ${JSON.stringify(statuses)}`);
  console.log(
    `slow connections: ${slow.count()} now, ${slow.ended()} were let go; ${watching.count()} watch, came back ${watching.ended()} times`,
  );
  if (watching.refused() > 0) findings.push(`${watching.refused()} phones were told that too many watch`);
  for (const [at, { name, p99Ms }] of beside.entries()) {
    const times = p99Ms / quiet[at]!.p99Ms;
    console.log(`${name}: p99 ${times.toFixed(1)} times the quiet one`);
    if (times > SLOWER_MAX)
      findings.push(`${name} waited ${times.toFixed(1)} times as long as when it was quiet (p99)`);
  }

  slow.leave();
  watching.leave();
  await until('the connections to be closed', async () => (await shop.holds()).sockets <= before.sockets + 5);
  const after = await settled();
  console.log(`after: ${tell(after)}`);
  if (after.heapMb > before.heapMb + HEAP_MORE_MB_MAX)
    findings.push(`the heap grew from ${tell(before)} to ${tell(after)}`);
  console.log(`a purchase afterwards: ${await shop.purchase()}`);

  async function timed(when: string): Promise<Waited[]> {
    const endMs = performance.now() + TIMED_MS;
    const waited = await Promise.all(asked.map((each) => ask(url, each, () => performance.now() > endMs)));
    for (const { name, requests, medianMs, p99Ms } of waited) {
      console.log(`${name}, ${when}: median ${medianMs.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms of ${requests}`);
    }
    return waited;
  }
}

/** When counters of a minute are gone and nothing is under way. */
async function settled() {
  await setTimeout(SETTLE_MS);
  return shop.holds();
}

function tell({ heapMb, residentMb, sockets }: Awaited<ReturnType<typeof settled>>): string {
  return `${heapMb.toFixed(1)} MB of heap used, ${residentMb.toFixed(0)} MB resident, ${sockets} connections`;
}
