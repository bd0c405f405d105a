// What a customer pays when the cameras are no help: covered, swapped, frozen, gone. The scale decides what it can, a person
// the rest, and what that person needs to see has come from the Pi.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DemoShop, startOwnShop } from '../../scripts/demo-shop.ts';
import { needs } from '../needs.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');

interface DemoResult {
  readonly outcome: string;
  readonly items: readonly { readonly sku: string; readonly count: number }[];
  readonly stripe: { readonly amountReceived: number } | null;
}

describe('a visit whose cameras are no help', () => {
  let shop: DemoShop;
  before(async function () {
    this.timeout(90_000);
    shop = await startOwnShop();
    // Each camera learns its view.
    assert.equal((await demo('--take', 'chips=1')).outcome, 'charged');
  });
  after(async function () {
    this.timeout(20_000);
    await shop?.stop();
  });

  const demo = async (...args: string[]): Promise<DemoResult> => {
    const command = ['scripts/demo.ts', '--json', '--state', shop.stateFolder, ...args];
    const { stdout } = await run(process.execPath, command, { cwd: ROOT });
    return JSON.parse(stdout) as DemoResult;
  };
  const cameras = async (switches: object) => {
    const response = await fetch(`${shop.shop.worldUrl}/sim/cases/123/cameras`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(switches),
    });
    assert.equal(response.status, 200);
  };
  /** Files under a folder of the shop's state, once `wanted` is content with them. */
  const files = async (folder: string, wanted: (names: readonly string[]) => boolean): Promise<readonly string[]> => {
    const path = join(shop.stateFolder, folder);
    mkdirSync(path, { recursive: true });
    const list = () => (existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : []);
    const watcher = watch(path, { recursive: true });
    try {
      while (!wanted(list())) await new Promise((resolve) => watcher.once('change', resolve));
      return list();
    } finally {
      watcher.close();
    }
  };

  for (const trouble of ['covered', 'swapped', 'frozen', 'offline'] as const) {
    it(`${trouble}: nothing is charged that the scale alone cannot tell, and a person is asked`, async () => {
      await cameras({ [trouble]: true });
      try {
        const { outcome, items, stripe } = await demo(
          '--take',
          'cola=1',
          '--hold-door',
          trouble === 'swapped' ? '3' : '0',
        );
        assert.deepEqual([outcome, items, stripe?.amountReceived], ['in_review', [], 0]);
      } finally {
        await cameras({ [trouble]: false });
      }
    }).timeout(60_000);
  }

  it('when they are back the next visit is sure again', async () => {
    const { outcome, items } = await demo('--take', 'cola=1');
    assert.deepEqual([outcome, items], ['charged', [{ sku: 'cola', count: 1 }]]);
  }).timeout(60_000);

  it('the pictures of those visits have come to the cloud, before and after, of both cameras', async () => {
    const isPicture = (name: string) => /^123\/[a-z0-9]+\/(before|after)-[01]\.jpg$/.test(name);
    const names = await files('evidence', (all) => all.filter(isPicture).length >= 4);
    assert.ok(names.every((name) => !/chips/.test(name)));
  }).timeout(60_000);

  it('and their video is pinned on the Pi’s card, named by time, camera and visit', async function () {
    needs(this, 'ffmpeg');
    const names = await files('recordings', (all) => ['0', '1'].every((camera) => all.some(pinnedOf(camera))));
    assert.ok(names.some((name) => name.endsWith('.manifest.jsonl')));
  }).timeout(90_000);
});

const pinnedOf = (camera: string) => (name: string) =>
  new RegExp(`^${camera}_\\d{8}T\\d{6}Z_\\d+s(_[a-z0-9]+)*_pin-[a-z0-9]+`).test(name);
