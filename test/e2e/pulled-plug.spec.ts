// The plug of the whole edge is pulled during a visit: every process of it dies at once, nothing says goodbye. A can of
// cola and one of lemon soda differ by 5 g, so that only cameras whose counts outlived the plug can tell which was taken.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type DemoShop, startOwnShop } from '../../scripts/demo-shop.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface DemoResult {
  readonly outcome: string;
  readonly items: readonly { readonly sku: string; readonly count: number }[];
  readonly stripe: { readonly amountReceived: number } | null;
}

describe('a plug pulled from the edge during a visit', () => {
  let shop: DemoShop;
  before(async function () {
    this.timeout(90_000);
    shop = await startOwnShop();
    // The cameras have seen the shelf once: a visit that nobody kills.
    assert.equal((await demo('--take', 'chips=1').result).outcome, 'charged');
  });
  after(async function () {
    this.timeout(20_000);
    await shop?.stop();
  });

  function demo(...args: string[]): { readonly child: ChildProcess; readonly result: Promise<DemoResult> } {
    const child = spawn(process.execPath, ['scripts/demo.ts', '--json', '--state', shop.stateFolder, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return { child, result: text(child.stdout!).then((told) => JSON.parse(told) as DemoResult) };
  }

  /** Resolves when the simulated case has said these one after the other. */
  async function caseSays(steps: readonly RegExp[]): Promise<void> {
    const abort = new AbortController();
    const { body } = await fetch(`${shop.shop.worldUrl}/sim/cases/123/events`, { signal: abort.signal });
    let at = 0;
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      if (steps[at]!.test(chunk)) at += 1;
      if (at === steps.length) break;
    }
    abort.abort();
  }

  /** Node-RED, its detector and its cameras are one process group. */
  function pullThePlug(): void {
    const { pid } = shop.shop;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const edge = children.find((id) => readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('start.ts\0edge'));
    process.kill(-Number(edge), 'SIGKILL');
  }

  const ANYTHING = /./;
  const MOMENTS = [
    { when: 'when the lock opens, before the cameras have looked', says: [/"locked":false/], holdSeconds: '4' },
    { when: 'when a can was taken', says: [/"door":"open"/, ANYTHING], holdSeconds: '4' },
    { when: 'when the door falls shut', says: [/"door":"open"/, /"door":"closed"/], holdSeconds: '0' },
  ];
  for (const { when, says, holdSeconds } of MOMENTS) {
    it(`${when}: the receipt is right all the same`, async () => {
      const said = caseSays(says);
      const { child, result } = demo('--take', 'cola=1', '--hold-door', holdSeconds);
      await Promise.race([said, once(child, 'exit').then(() => assert.fail('the visit ended before the plug'))]);
      pullThePlug();
      const { outcome, items, stripe } = await result;
      assert.deepEqual([outcome, items], ['charged', [{ sku: 'cola', count: 1 }]]);
      assert.equal(stripe?.amountReceived, 200);
    }).timeout(60_000);
  }

  it('the edge has come back each time, and nothing of it was left behind', () => {
    const log = readFileSync(shop.shop.logFile, 'utf8');
    assert.equal(
      log.match(/The edge stopped unexpectedly \(SIGKILL\)\. It is started again\./g)?.length,
      MOMENTS.length,
    );
    assert.doesNotMatch(log, /scene-diff.*state\.unwritable/);
  });
});
