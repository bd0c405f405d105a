// The plug of the whole edge is pulled during a visit: every process of it dies at once, nothing says goodbye. A can of
// cola and one of lemon soda differ by 5 g, so that only cameras whose counts outlived the plug can tell which was taken.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type KeptScenes, readKept } from '../../../scripts/demo-cameras.ts';
import type { OpenVisit } from '../../../scripts/demo-visit.ts';
import { until } from '../../patience.ts';
import { type Bought, processOf, type ShopBench, taking } from '../shop-bench.ts';

type Scene = KeptScenes['scenes']['open'][number];

export function pulledPlug({ shop, world, customer, visit }: ShopBench): void {
  const who = customer();
  let pulled = 0;
  // The cameras have seen the shelf once: a visit that nobody kills.
  before(async () => assert.equal((await visit(who(), taking('chips'))).outcome, 'charged'));
  afterEach(() => hang(false));

  /** What the Pi has on its card of this visit, once `wanted` likes it. */
  const sceneOf = ({ id }: OpenVisit, what: string, wanted: (scene: Scene) => boolean) =>
    until(what, async () => {
      const scene = (await readKept(shop().shop))?.scenes.open.find(({ visit: name }) => name === id);
      return scene !== undefined && wanted(scene);
    });
  /** Nobody who asks a camera gets an answer: what happens meanwhile happens before it has looked. */
  const hang = (hanging: boolean) => world('cameras', { hanging });
  const isOneCola = ({ outcome, items, receivedMinor }: Bought) =>
    assert.deepEqual([outcome, items, receivedMinor], ['charged', [{ sku: 'cola', count: 1 }], 200]);

  /** Node-RED, its detector and its cameras are one process group. */
  function pullThePlug(): void {
    process.kill(-processOf(shop(), 'edge'), 'SIGKILL');
    pulled += 1;
  }

  it('when the lock opens, before the cameras have looked: the receipt is right all the same', async () => {
    await hang(true);
    const bought = await visit(who(), async (open) => {
      await sceneOf(open, 'the Pi to know of the visit', ({ before: { answers } }) => answers === 0);
      pullThePlug();
      await hang(false);
      await open.atCase('door', { open: true });
      await open.until('the shop to see the open door', ({ phase }) => phase === 'open');
      await open.atCase('take', { sku: 'cola' });
      await open.atCase('door', { open: false });
    });
    isOneCola(bought);
  });

  it('when a can was taken: the receipt is right all the same', async () => {
    const bought = await visit(who(), async ({ atCase, mayTake }) => {
      await atCase('door', { open: true });
      await mayTake();
      await atCase('take', { sku: 'cola' });
      pullThePlug();
      await atCase('door', { open: false });
    });
    isOneCola(bought);
  });

  it('when the door falls shut: the receipt is right all the same', async () => {
    const bought = await visit(who(), async (open) => {
      await open.atCase('door', { open: true });
      await open.mayTake();
      await open.atCase('take', { sku: 'cola' });
      await hang(true);
      await open.atCase('door', { open: false });
      await sceneOf(open, 'the Pi to be asked for a look at the shut case', ({ afterId }) => afterId !== null);
      pullThePlug();
      await hang(false);
    });
    isOneCola(bought);
  });

  it('the edge has come back each time, and nothing of it was left behind', () => {
    const log = readFileSync(shop().shop.logFile, 'utf8');
    const again = log.match(/The edge stopped unexpectedly \(SIGKILL\)\. It is started again/g);
    assert.deepEqual([pulled, again?.length], [3, 3]);
    assert.doesNotMatch(log, /scene-diff.*state\.unwritable/);
  });
}
