// What tapcase-camera makes of what comes: whole pictures out of hostile bytes, addresses without their passwords, and a
// camera that is covered, frozen, swapped or taught, in front of the simulated shelf.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '@tapcase/domain';
import fc from 'fast-check';
import sharp from 'sharp';
import { parseAddress, redact } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/address.ts';
import { parseConfig } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import { createCameraSource } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/create-camera.ts';
import { jpegSplitter } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/jpeg-splitter.ts';
import { needs } from '../needs.ts';
import { startWorldBench, type WorldBench } from '../sim/world-bench.ts';
import { configOf, DRAWN, makeClip, newFolder, PATIENT } from './camera-bench.ts';

describe('the pictures of a stream', () => {
  let jpegs: Buffer[];
  before(async () => {
    const draw = (r: number) =>
      sharp({ create: { width: 32, height: 24, channels: 3, background: { r, g: 0, b: 9 } } });
    jpegs = await Promise.all([10, 90, 200].map((red) => draw(red).jpeg().toBuffer()));
  });

  it('come whole and in order, however the stream is cut, with garbage before, between and after', () => {
    // A lone marker byte, a start that is none, an end without a start.
    const garbage = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes.map((byte) => byte & 0x7f)));
    fc.assert(
      fc.property(
        fc.array(garbage, { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 1, max: 400 }),
        (rubbish, size) => {
          const stream = Buffer.concat([
            ...jpegs.flatMap((jpeg, i) => [rubbish[i]!, Buffer.from([0xff, 0xd9, 0xff, 0xd8, 0x00]), jpeg]),
            rubbish[3]!,
          ]);
          const splitter = jpegSplitter();
          const out: Buffer[] = [];
          for (let at = 0; at < stream.length; at += size) out.push(...splitter.push(stream.subarray(at, at + size)));
          assert.deepEqual(out, jpegs);
          assert.ok(splitter.heldBytes() < 50);
        },
      ),
    );
  });

  it('without end are given up at the limit, and the next good one is found', () => {
    const splitter = jpegSplitter({ bytesMax: 10_000 });
    const endless = Buffer.alloc(3_000, 0x55);
    assert.deepEqual(splitter.push(jpegs[0]!.subarray(0, 200)), []);
    for (let i = 0; i < 50; i += 1) {
      assert.deepEqual(splitter.push(endless), []);
      assert.ok(splitter.heldBytes() <= 10_000);
    }
    assert.deepEqual(splitter.push(Buffer.concat([jpegs[1]!, jpegs[2]!])), [jpegs[1], jpegs[2]]);
  });

  it('pure garbage is not kept', () => {
    const splitter = jpegSplitter({ bytesMax: 10_000 });
    for (let i = 0; i < 20; i += 1) splitter.push(Buffer.alloc(9_000, 0xff));
    assert.ok(splitter.heldBytes() <= 2);
  });
});

describe('the address of a camera', () => {
  it('says what kind it is, and nonsense is refused', () => {
    assert.deepEqual(parseAddress('rpicam:0'), { kind: 'rpicam', camera: '0' });
    assert.deepEqual(parseAddress('rpicam:/base/soc/imx708@1a'), { kind: 'rpicam', camera: '/base/soc/imx708@1a' });
    assert.deepEqual(parseAddress('v4l2:/dev/video0'), { kind: 'v4l2', device: '/dev/video0' });
    assert.deepEqual(parseAddress('http://cam/a/'), { kind: 'http', url: 'http://cam/a' });
    const inputOf = (text: string) => {
      const address = parseAddress(text);
      return address?.kind === 'ffmpeg' ? address.input.join(' ') : undefined;
    };
    assert.equal(inputOf('file:///a b.mp4'), '-re -stream_loop -1 -i file:/a b.mp4');
    assert.equal(inputOf('file:clip.mp4'), '-re -stream_loop -1 -i file:clip.mp4');
    assert.equal(inputOf('ffmpeg:udp://0.0.0.0:5000'), '-i udp://0.0.0.0:5000');
    assert.equal(inputOf('ffmpeg:-f lavfi  -i testsrc'), '-f lavfi -i testsrc');
    const bad = ['', 'rpicam:', 'rpicam:front', 'v4l2:video0', 'ftp://x', '/dev/video0', 'http://', 'ffmpeg:-f lavfi'];
    for (const text of [...bad, `file:${'x'.repeat(2_000)}`]) assert.equal(parseAddress(text), undefined, text);
  });

  it('is told to nobody with its user, password or token', () => {
    const rtsp = parseAddress('rtsp://bob:p@ss@cam/live?key=abc')!;
    assert.equal(redact('rtsp://bob:p@ss@cam/live?key=abc: Connection refused', rtsp), '(address): Connection refused');
    assert.equal(redact("tcp://bob:p@ss@cam:554 'x?key=abc' failed", rtsp), "tcp://cam:554 'x' failed");
  });

  it('and every other property must make sense', () => {
    const good = { address: 'rpicam:0', camera: '0' };
    assert.ok(!(parseConfig(good) instanceof Error));
    const bad = [{ camera: '' }, { camera: '../x' }, { width: '1' }, { height: '9000' }, { framesPerSecond: '29.97' }];
    const cuts = [
      { cutLeft: '91' },
      { cutTop: '-1' },
      { cutLeft: '60', cutRight: '31' },
      { cutTop: '1', outside: 'x' },
    ];
    for (const change of [...bad, ...cuts, { kilobitsPerSecond: 'fast' }, { address: '${CAMERA_9}' }]) {
      assert.equal((parseConfig({ ...good, ...change }) as Fault).code, 'config.invalid', JSON.stringify(change));
    }
  });
});

describe('a clip that stands in for a camera', () => {
  it('begins alike at each start, and is not called frozen', async function () {
    needs(this, 'ffmpeg');
    const folder = newFolder();
    const clip = `file:${makeClip(folder)}`;
    let nowMs = 0;
    for (const address of [clip, DRAWN]) {
      const source = createCameraSource(configOf(address), PATIENT, () => (nowMs += 1_000));
      for (let i = 0; i < 4; i += 1) assert.equal((await source.takePicture()).doubt, undefined);
      await source.close();
    }
    rmSync(folder, { recursive: true });
  });
});

describe('a camera before the simulated shelf', () => {
  let world: WorldBench;
  let folder: string;
  let nowMs: number;
  const close: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    world = await startWorldBench();
    folder = newFolder('references-');
    nowMs = 1_000_000;
  });
  afterEach(async () => {
    for (const end of close.splice(0)) await end();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const set = (switches: object) =>
    fetch(`${world.url}/sim/cases/123/cameras`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(switches),
    });
  const open = (camera: string, referenceFolder = folder) => {
    const config = configOf(`${world.url}/sim/cases/123/camera/${camera}`, {
      camera,
      role: 'upper left',
      referenceFolder,
    });
    const source = createCameraSource(config, PATIENT, () => nowMs);
    const faults: Fault[] = [];
    source.onFault((fault) => faults.push(fault));
    close.push(() => source.close());
    /** 'good', the doubt, or the code of the fault. */
    const look = async () => {
      nowMs += 3_000;
      return source.takePicture().then(
        ({ doubt }) => doubt ?? 'good',
        ({ code }: Fault) => code,
      );
    };
    const looks = async (count: number) => {
      const seen: string[] = [];
      for (let i = 0; i < count; i += 1) seen.push(await look());
      return seen;
    };
    return { source, faults, look, looks };
  };

  it('covered: the picture still comes, with a doubt, and the fault comes once until it sees again', async () => {
    const { look, looks, faults } = open('0');
    await set({ covered: true });
    assert.deepEqual(await looks(5), Array(5).fill('covered'));
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['camera.covered'],
    );
    await set({ covered: false });
    assert.equal(await look(), 'good');
    await set({ covered: true });
    assert.equal(await look(), 'covered');
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['camera.covered', 'camera.covered'],
    );
  });

  it('frozen: a fault instead of a picture, once it has shown the same for a while, and good when it moves again', async () => {
    const { look, looks } = open('1', '');
    assert.deepEqual(await looks(3), ['good', 'good', 'good']);
    await set({ frozen: true });
    // The first picture is the one it showed before.
    assert.deepEqual(await looks(5), ['good', 'good', 'camera.frozen', 'camera.frozen', 'camera.frozen']);
    await set({ frozen: false });
    assert.equal(await look(), 'good');
  });

  it('swapped: learns its view from five good pictures, and is found in the other’s place, whatever was sold', async () => {
    const [left, right] = [open('0'), open('1')];
    await left.looks(5);
    await right.looks(5);
    assert.deepEqual(readdirSync(folder).sort(), ['camera-0.json', 'camera-1.json']);
    world.setFace({ locked: false });
    world.cabinet.moveDoor(true);
    for (const sku of ['cola', 'water', 'chips']) world.cabinet.take(sku, 5);
    assert.deepEqual(await left.looks(3), ['good', 'good', 'good']);
    await set({ swapped: true });
    assert.deepEqual(await left.looks(3), ['good', 'camera.swapped', 'camera.swapped']);
    assert.deepEqual(await right.looks(3), ['good', 'camera.swapped', 'camera.swapped']);
    // Somebody decides that this is how they hang.
    left.source.teach();
    right.source.teach();
    assert.deepEqual(await left.looks(5), Array(5).fill('good'));
    assert.deepEqual(await right.looks(5), Array(5).fill('good'));
    assert.deepEqual(await left.looks(2), ['good', 'good']);
    await set({ swapped: false });
    assert.deepEqual(await left.looks(2), ['good', 'camera.swapped']);
  });

  it('a covered camera teaches nothing, and a broken reference is learned again', async () => {
    writeFileSync(join(folder, 'camera-0.json'), '{"luma":"AAAA"}');
    const { looks } = open('0');
    await set({ covered: true });
    await looks(6);
    assert.equal(readFileSync(join(folder, 'camera-0.json'), 'utf8').length, 15);
    await set({ covered: false });
    await looks(5);
    const kept = JSON.parse(readFileSync(join(folder, 'camera-0.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([kept.camera, kept.role, kept.taughtAtMs], ['0', 'upper left', nowMs]);
  });

  it('a folder that cannot be written is a fault, and pictures come all the same', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { looks, faults } = open('0', join(file, 'below'));
    assert.deepEqual(await looks(12), Array(12).fill('good'));
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['camera.no-reference'],
    );
  });

  it('live pictures of a swapped or frozen camera come with their doubt, and the fault once', async () => {
    const { source, faults } = open('0', '');
    await set({ frozen: true });
    const frozen = new Promise<void>((resolve) => {
      source.onFrame(({ doubt }) => {
        nowMs += 3_000;
        if (doubt === 'frozen') resolve();
      });
    });
    source.wake(3_600_000);
    await frozen;
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['camera.frozen'],
    );
  });
});
