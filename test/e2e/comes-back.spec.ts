// A cloud that ends or stands still in the middle of a purchase costs the customer nothing but seconds; a board that is swapped and
// a ledger that is put back cost nobody a cent. A shop of its own, for an own flow in it hangs: whoever taps with a phone in Spanish meets a function that loops for ever.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SimState } from '@tapcase/sim/case/types';
import { caseOf, type OpenVisit } from '../../scripts/demo-visit.ts';
import { staffCommand } from '../../scripts/staff/command.ts';
import { until, within } from '../patience.ts';
import { processOf, taking, withPatientShop } from './shop-bench.ts';

const THROWS = pathToFileURL(join(import.meta.dirname, 'throws-on-signal.ts')).href;
const COLA = 200;

const place = { z: 'mine', y: 100 };
/** After an `await` nobody ends a loop but whoever watches the process. */
const HANGS = `if (msg.facts.language === 'es') { await null; while (true) {} } msg.payload = { allow: true }; return msg;`;
const HANGING_TAB = [
  { id: 'mine', type: 'tab', label: 'Mine', disabled: false, info: '', env: [] },
  {
    ...{ id: 'mine.decide', type: 'tapcase-decide', ...place, x: 140, name: 'Mine', question: 'open', limitMs: 1_000 },
    wires: [['mine.rule']],
  },
  {
    ...{ id: 'mine.rule', type: 'function', ...place, x: 340, name: 'Rule', func: HANGS, outputs: 1, noerr: 0 },
    ...{ initialize: '', finalize: '', libs: [], wires: [['mine.answer']] },
  },
  { id: 'mine.answer', type: 'tapcase-answer', ...place, x: 540, name: '', wires: [] },
];

describe('a shop whose cloud comes back', () => {
  const bench = withPatientShop({ own: HANGING_TAB, env: { NODE_OPTIONS: `--import=${THROWS}` } });
  const { shop, customer, visit } = bench;
  const who = customer();
  const log = () => readFileSync(shop().shop.logFile, 'utf8');
  const cloud = () => processOf(shop(), 'cloud');
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  /** A cola is taken while the door stands open over `trouble`; the shop is back before it is shut. */
  async function buysThrough(trouble: (pid: number) => void): Promise<void> {
    const acts = async ({ atCase, mayTake }: OpenVisit) => {
      await atCase('door', { open: true });
      await mayTake();
      const before = cloud();
      trouble(before);
      await atCase('take', { sku: 'cola' });
      await atCase('door', { open: false });
      await until('another cloud', () => cloud() !== before && !isAlive(before));
    };
    const { id, outcome, items } = await visit(who(), acts);
    assert.deepEqual([outcome, items], ['charged', [{ sku: 'cola', count: 1 }]]);
    const found = await fetch(`${shop().shop.stripeUrl}/sim/payment_intents?visit=${id}`);
    const { data } = (await found.json()) as { data: readonly { readonly amount_received: number }[] };
    const received = data.map(({ amount_received }) => amount_received).filter((minor) => minor > 0);
    assert.deepEqual(received, [COLA]);
  }

  it('killed while the door is open: one cola is charged as one cola, once', () =>
    buysThrough((pid) => process.kill(pid, 'SIGKILL')));

  it('ended by a mistake of its own while the door is open: the same, and the log has the stack with its cause once', async () => {
    await buysThrough((pid) => process.kill(pid, 'SIGUSR2'));
    assert.equal(log().split('Error: nobody expected this').length, 2);
    assert.match(
      log(),
      /\(start\.own-mistake\): Error: nobody expected this[\s\S]*\[cause\]: Error: a signal of the test/,
    );
    assert.match(log(), /cloud \| The cloud stopped unexpectedly \(code 1\)\. It is started again/);
  });

  it('hung by an own flow’s endless loop: it is ended, comes back, and sells', async () => {
    const before = cloud();
    const wanted = { requestId: randomUUID(), language: 'es' };
    const tap = who().call('POST', `/api/cases/${shop().shop.caseId}/unlock`, wanted);
    await assert.rejects(within('the end of the tap', tap));
    await until('another cloud', () => cloud() !== before);
    assert.match(log(), /The cloud stood still for \d+ s and was ended\. It is started again/);
    assert.equal((await visit(who(), taking('cola'))).receivedMinor, COLA);
  });

  const isReady = async () => {
    const answer = await fetch(`${shop().shop.shopUrl}/api/cases/${shop().shop.caseId}`).catch(() => undefined);
    return answer !== undefined && ((await answer.json()) as { state?: string }).state === 'ready';
  };
  const buysCola = async () => assert.equal((await visit(who(), taking('cola'))).receivedMinor, COLA);

  it('with another board in its case it sells nothing until staff say that it is right, and then the next sale is right', async () => {
    await caseOf(shop().shop)('board', {});
    await until('the board to speak', () => log().includes('device.unexpected-board'));
    assert.equal(await isReady(), false);
    const said: string[] = [];
    const say = (text: string) => void said.push(text);
    const environment = { STATE_DIR: shop().stateFolder };
    const here = { environment, stateFolder: '/nowhere', now: Date.now, out: say, err: say };
    assert.equal(await staffCommand(['new-board', shop().shop.caseId, '--name', 'Ann'], here), 0, said.join());
    await until('the case to sell', isReady);
    await buysCola();
  });

  it('with a ledger that was put back it comes back, the case hears of it, and the next sale is right', async () => {
    const { worldUrl, caseId } = shop().shop;
    const atCase = caseOf(shop().shop);
    const ledger = async () => ((await (await fetch(`${worldUrl}/sim/cases/${caseId}`)).json()) as SimState).cloud!;
    await atCase('ledger/copy', {});
    await until('a copy', async () => !(await ledger()).isBusy);
    assert.ok((await ledger()).copiedAtMs !== null);
    await buysCola();
    const before = cloud();
    await atCase('ledger/put-back', {});
    await until('the ledger to be back', async () => !(await ledger()).isBusy);
    assert.ok(cloud() !== before && !isAlive(before));
    assert.ok(shop().terminal.some((line) => line.includes('the ledger was put back to its copy')));
    // A controller that starts asks for the time, and says which numbers it has heard.
    await atCase('brown-out', {});
    await until('the ledger to be known for a copy', () => log().includes('ledger.restored'));
    await until('the case to sell', isReady);
    await buysCola();
  });

  it('what it wrote nobody else of this machine may read', () => {
    const { stateFolder } = shop();
    const paths = readdirSync(stateFolder, { recursive: true, encoding: 'utf8' });
    const open = paths
      .map((path) => ({ path, mode: lstatSync(join(stateFolder, path)).mode & 0o777 }))
      .filter(({ mode }) => (mode & 0o077) !== 0)
      .map(({ path, mode }) => `${path} ${mode.toString(8)}`);
    assert.deepEqual(open, []);
    // Of each process one at least: ledger, Node-RED's own, the Pi's queue, the controller's flash, the log.
    for (const path of [
      'ledger.sqlite',
      'ledger.sqlite.copy',
      'stripe-standin-key',
      'node-red/cloud/.config.nodes.json',
      'pi/report-queue.json',
      'flash',
      'log.txt',
    ])
      assert.ok(paths.includes(path), path);
  });

  it('a launcher that is killed leaves nobody behind', async () => {
    const { pid, processes } = shop().shop;
    const all = [processes.edge!, cloud()];
    process.kill(pid, 'SIGKILL');
    await until('its processes to end', () => all.every((each) => !isAlive(each)));
  });
});
