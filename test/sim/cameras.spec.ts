// The simulated case's cameras over HTTP: pictures, streams, and the switches for what goes wrong with real ones.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import type { SimState } from '@tapcase/sim/case/types';
import { jpegSplitter } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/jpeg-splitter.ts';
import { startWorldBench, type WorldBench } from './world-bench.ts';

describe('The simulated cameras', () => {
  let world: WorldBench;
  beforeEach(async () => {
    world = await startWorldBench();
  });
  afterEach(() => world.close());

  const address = (camera: number) => `${world.url}/sim/cases/123/camera/${camera}`;
  const still = async (camera: number) => Buffer.from(await (await fetch(address(camera))).arrayBuffer());
  const set = async (switches: object) => {
    const response = await fetch(`${world.url}/sim/cases/123/cameras`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(switches),
    });
    return { status: response.status, answer: (await response.json()) as SimState };
  };
  const view = async (camera: number) => {
    const [response] = (await once(httpGet(`${address(camera)}/stream`), 'response')) as [IncomingMessage];
    return response;
  };
  /** The first pictures of a stream; hangs up after. */
  const pictures = async (response: IncomingMessage, count: number) => {
    const splitter = jpegSplitter();
    const seen: Buffer[] = [];
    for await (const chunk of response) {
      seen.push(...splitter.push(chunk as Buffer));
      if (seen.length >= count) break;
    }
    // A busy machine hands over several at once.
    return seen.slice(0, count);
  };

  it('a stream shows picture after picture, each another for the noise', async () => {
    const response = await view(0);
    assert.equal(response.headers['content-type'], 'multipart/x-mixed-replace; boundary=frame');
    const seen = await pictures(response, 3);
    assert.equal(new Set(seen.map((jpeg) => jpeg.toString('base64'))).size, 3);
  });

  it('takes eight viewers, refuses the ninth, and takes another when one has gone', async () => {
    const viewers = await Promise.all(Array.from({ length: 8 }, () => view(1)));
    const ninth = await view(1);
    assert.equal(ninth.statusCode, 503);
    ninth.resume();
    viewers[0]!.destroy();
    let again = await view(1);
    // The server hears of it a moment later.
    while (again.statusCode === 503) {
      again.resume();
      again = await view(1);
    }
    assert.equal(again.statusCode, 200);
    for (const viewer of [again, ...viewers]) viewer.destroy();
  });

  it('frozen cameras show the last picture to the last pixel, live ones never twice the same', async () => {
    const [first, second] = [await still(0), await still(0)];
    assert.notDeepEqual(first, second);
    await set({ frozen: true });
    assert.deepEqual(await still(0), second);
    assert.deepEqual(await still(0), second);
    await set({ frozen: false });
    assert.notDeepEqual(await still(0), second);
  });

  it('offline cameras refuse, and streams end; both are there again after', async () => {
    const watching = await view(0);
    assert.equal((await set({ offline: true })).answer.cameras.offline, true);
    const response = await fetch(address(0));
    assert.equal(response.status, 503);
    assert.equal(((await response.json()) as { error: { code: string } }).error.code, 'sim.camera-offline');
    watching.resume();
    await once(watching, 'end');
    await set({ offline: false });
    assert.equal((await fetch(address(0))).status, 200);
  });

  it('hanging cameras answer when they no longer hang, with what they see then', async () => {
    await set({ covered: true });
    const black = await still(0);
    await set({ covered: false, hanging: true });
    const asked = still(0);
    await set({ covered: true });
    await set({ hanging: false });
    assert.deepEqual(await asked, black);
  });

  it('switches stand side by side, and a malformed one changes none', async () => {
    await set({ covered: true });
    const { answer } = await set({ swapped: true });
    assert.deepEqual(answer.cameras, {
      ...{ covered: true, swapped: true },
      ...{ frozen: false, offline: false, hanging: false },
    });
    assert.equal(answer.covered, true);
    for (const bad of [{}, [], { covered: 1 }, { frozen: true, zoom: true }, { swapped: false, offline: 'no' }]) {
      assert.equal((await set(bad)).status, 400);
    }
    assert.deepEqual((await set({ swapped: true })).answer.cameras, answer.cameras);
  });

  it('knows no third camera’s stream', async () => {
    assert.equal((await fetch(`${address(2)}/stream`)).status, 404);
  });
});
