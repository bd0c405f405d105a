// Ten thousand odd requests of strangers, and a thousand at each of the staff's doors: all are answered, nothing ends, nothing is our
// mistake, and afterwards the shop sells. `--seed` makes others (test/fuzz/).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RunningShop } from '../../../host/shop.ts';
import { signIn } from '../../../scripts/demo-visit.ts';
import { draftOf } from '../../fuzz/draft.ts';
import { type Cast, customerExamples, staffExamples } from '../../fuzz/examples.ts';
import { isLockedOut, letsIn } from '../../fuzz/staff-side.ts';
import { type StormOptions, storm as stormAt } from '../../fuzz/storm.ts';
import { Line } from '../../fuzz/wire.ts';
import { skip } from '../../needs.ts';
import { until, within } from '../../patience.ts';
import { ROOT, type ShopBench, taking } from '../shop-bench.ts';

const CUSTOMERS_COUNT = 10_000;
const STAFFS_COUNT = 1_000;
/** Of the runner: what random tests begin with. */
const SEED = Number(process.env.TAPCASE_SEED ?? 1);
/** What a log says of mistakes of ours, and of what ended. */
const MISTAKE =
  /node\.bug|node\.unknown|message\.incomplete|unheard-promise|Unhandled|Uncaught|stopped unexpectedly|TypeError|RangeError/;

export function storm({ shop, customer, visit }: ShopBench): void {
  const buyer = customer();
  let cast: Cast;
  let logBefore: number;
  let mistakesBefore: number;
  let processesBefore: object;
  /** A role that ended is started again, and is another process then. */
  const processes = (): object => {
    const { pid, processes } = JSON.parse(
      readFileSync(join(shop().stateFolder, 'running.json'), 'utf8'),
    ) as RunningShop;
    process.kill(pid, 0);
    return processes;
  };
  const log = () => readFileSync(shop().shop.logFile, 'utf8');
  /** How often a fault was counted that is nobody's but ours. */
  const mistakes = (): number => {
    const ledger = new DatabaseSync(join(shop().stateFolder, 'ledger.sqlite'), { readOnly: true });
    try {
      const sum = ledger.prepare(
        "select coalesce(sum(count), 0) as mistakes from fault_counts where code glob 'node.*' or code glob 'message.*'",
      );
      return Number(sum.get()!.mistakes);
    } finally {
      ledger.close();
    }
  };
  const options = (): Pick<StormOptions, 'seed' | 'secrets' | 'mayLeadTo'> => {
    const { worldUrl, stripeUrl } = shop().shop;
    return { seed: SEED, secrets: [ROOT, shop().stateFolder, 'root:x:0'], mayLeadTo: [worldUrl, stripeUrl!] };
  };

  before(async function () {
    if (process.platform !== 'linux')
      skip(this, 'strangers need addresses of their own: only Linux has all of 127.0.0.0/8');
    const { id } = await visit(buyer(), taking('candy'));
    const guest = await signIn(shop().shop);
    cast = { caseId: shop().shop.caseId, guestCookie: guest.cookie(), buyerCookie: buyer().cookie(), visitId: id };
    logBefore = log().length;
    mistakesBefore = mistakes();
    processesBefore = processes();
  });

  /** The process is the one it was, and has nothing to be ashamed of. */
  afterEach(() => {
    assert.deepEqual(processes(), processesBefore);
    const said = log().slice(logBefore).split('\n');
    assert.deepEqual(
      said.filter((line) => MISTAKE.test(line)),
      [],
    );
    assert.equal(mistakes(), mistakesBefore);
  });

  it(`of ${CUSTOMERS_COUNT} odd requests each is answered as it deserves`, async () => {
    const examples = customerExamples(cast);
    const { statuses } = await stormAt({ ...options(), url: shop().shop.shopUrl, count: CUSTOMERS_COUNT, examples });
    // Most are odd in one thing only: enough of them got through to the flows and back.
    assert.ok(statuses[200]! > CUSTOMERS_COUNT / 10, JSON.stringify(statuses));
  });

  for (const where of ['staffUrl', 'edgeUrl'] as const) {
    it(`of ${STAFFS_COUNT} without a session at ${where === 'staffUrl' ? 'the staff’s listener' : 'the edge'} none is let in`, async () => {
      const only = { isStaffs: true, wrong: letsIn, isMeant: isLockedOut };
      const examples = staffExamples(cast);
      await stormAt({ ...options(), ...only, url: shop().shop[where], count: STAFFS_COUNT, examples });
    });
  }

  it('who asks too often is told so, and nobody else is', async () => {
    const { hostname, port } = new URL(shop().shop.shopUrl);
    const me = (address: string) => new Line({ host: hostname, port: Number(port), address });
    const ask = draftOf({ name: 'get /api/me', method: 'GET', target: '/api/me' });
    const greedy = me('127.9.9.8');
    await until('a refusal', async () => {
      // Several at a look: more than the limit in less than its minute.
      for (let at = 0; at < 100; at += 1) if ((await greedy.send(ask)).status === 429) return true;
      return false;
    });
    greedy.close();
    assert.equal((await me('127.9.9.7').send(ask)).status, 200);
  });

  it('and a purchase is one afterwards', async () => {
    const ready = await within('an answer', fetch(`${shop().shop.shopUrl}/readyz`));
    assert.equal(ready.status, 200);
    const { outcome, receivedMinor } = await visit(buyer(), taking('candy'));
    assert.deepEqual([outcome, receivedMinor], ['charged', 100]);
  });
}
