// What a customer pays when the cameras are no help: covered, swapped, frozen, gone. The scale decides what it can, a person
// the rest, and what that person needs to see has come from the Pi.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../../needs.ts';
import { within } from '../../patience.ts';
import { type ShopBench, taking } from '../shop-bench.ts';

export function edgeTroubles({ shop, world, customer, visit }: ShopBench): void {
  const who = customer();

  /** Files under a folder of the shop's state, once `wanted` is content with them. */
  const files = async (folder: string, wanted: (names: readonly string[]) => boolean): Promise<readonly string[]> => {
    const path = join(shop().stateFolder, folder);
    mkdirSync(path, { recursive: true });
    const list = () => (existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : []);
    const watcher = watch(path, { recursive: true });
    try {
      // One look a change: what was written after it is a change of its own.
      const come = async () => {
        while (!wanted(list())) await new Promise((resolve) => watcher.once('change', resolve));
      };
      await within(`files in ${folder}`, come());
      return list();
    } finally {
      watcher.close();
    }
  };

  before(async () => {
    assert.equal((await visit(who(), taking('chips'))).outcome, 'charged');
    // Each camera has learned its view: what it sees from now on in another's place is told.
    await files('pi', (names) => ['camera-0.json', 'camera-1.json'].every((name) => names.includes(name)));
  });

  for (const trouble of ['covered', 'swapped', 'frozen', 'offline'] as const) {
    it(`${trouble}: nothing is charged that the scale alone cannot tell, and a person is asked`, async () => {
      await world('cameras', { [trouble]: true });
      try {
        const { outcome, items, receivedMinor } = await visit(who(), taking('soda'));
        assert.deepEqual([outcome, items, receivedMinor], ['in_review', [], 0]);
      } finally {
        await world('cameras', { [trouble]: false });
      }
    });
  }

  it('when they are back the next visit is sure again', async () => {
    const { outcome, items } = await visit(who(), taking('soda'));
    assert.deepEqual([outcome, items], ['charged', [{ sku: 'soda', count: 1 }]]);
  });

  it('the pictures of those visits have come to the cloud, before and after, of both cameras', async () => {
    const MOMENTS = ['before-0', 'before-1', 'after-0', 'after-1'];
    // 123/<visit>/before-0.jpg
    await files('evidence', (names) => {
      const visits = new Set(names.map((name) => name.split('/')[1] ?? ''));
      return [...visits].some((id) => MOMENTS.every((moment) => names.includes(`123/${id}/${moment}.jpg`)));
    });
  });

  it('and their video is pinned on the Pi’s card, named by time, camera and visit', async function () {
    needs(this, 'ffmpeg');
    const names = await files('recordings', (all) => ['0', '1'].every((camera) => all.some(pinnedOf(camera))));
    assert.ok(names.some((name) => name.endsWith('.manifest.jsonl')));
  });
}

const pinnedOf = (camera: string) => (name: string) =>
  new RegExp(`^${camera}_\\d{8}T\\d{6}Z_\\d+s(_[a-z0-9]+)*_pin-[a-z0-9]+`).test(name);
