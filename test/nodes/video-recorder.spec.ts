// tapcase-video-recorder in a real Node-RED, on real files of a real ffmpeg.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeptClip } from '@tapcase/domain';
import {
  fillRing,
  parseConfig,
  videoRecorder as recorder,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/contract.ts';
import videoRecorder from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/video-recorder.ts';
import { needs } from '../needs.ts';
import { until, within } from '../patience.ts';
import { type Bench, bench, helper, type Message, withRuntime } from './harness.ts';
import { countFrames } from './video-bench.ts';
import { targets, videoSource } from './video-source.ts';

/** As a new node is stored, with what it then has. */
const PLAIN = fillRing(
  Object.fromEntries(Object.entries(recorder.defaults).map(([name, { value }]) => [name, value])),
  {},
);

describe('tapcase-video-recorder', () => {
  withRuntime();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'video-'));
    targets.length = 0;
  });
  afterEach(async () => {
    await helper.unload();
    rmSync(folder, { recursive: true, force: true });
  });
  const load = (config: object = {}, camera = '0'): Promise<Bench> =>
    bench({
      node: { id: 'recorder', type: 'tapcase-video-recorder', ...PLAIN, source: 'source', folder, ...config },
      outputs: 1,
      modules: [videoRecorder, videoSource],
      configNodes: [{ id: 'source', type: 'tapcase-camera', camera }],
    });

  it('keeps a visit in files that play', async function () {
    needs(this, 'ffmpeg');
    const beganMs = Date.now();
    const { send } = await load({ segmentSeconds: 2, preRollSeconds: 0, postRollSeconds: 0 });
    const kept = new Promise<KeptClip>((resolve) => {
      helper.getNode('out0').on('input', (({ clip }: Message) => resolve(clip as KeptClip)) as never);
    });
    helper.getNode('recorder').receive({ clip: { name: 'visit1', action: 'begin' } });
    const told = send({ clip: { name: 'visit1', action: 'pin' } });
    await until('a first file of video', () => readdirSync(folder).some((name) => name.endsWith('.mp4')));
    helper.getNode('recorder').receive({ clip: { name: 'visit1', action: 'end' } });
    const { files, ...rest } = await within('the visit’s video', kept);
    assert.deepEqual(
      { name: rest.name, action: rest.action, camera: rest.camera, pinned: rest.pinned },
      {
        ...{ name: 'visit1', action: 'kept', camera: '0', pinned: true },
      },
    );
    assert.match(files[0]!, /^0_\d{8}T\d{6}Z_\d+s_pin-visit1\.mp4$/);
    const [, seconds] = /_(\d+)s_/.exec(files[0]!) ?? [];
    if (files.length === 1) assert.equal(Number(seconds), Math.max(1, Math.round((rest.toMs - rest.fromMs) / 1000)));
    // The name knows whole seconds.
    assert.ok(rest.fromMs >= beganMs - 1_000 && rest.fromMs <= Date.now(), 'the names are not in UTC');
    assert.ok((await countFrames(folder, files)) >= 30);
    assert.deepEqual(targets, [{ folder, segmentSeconds: 2, continuous: true }]);
    assert.equal((await told).kind, 'output');
  });

  for (const nowhere of ['none', '', '${RECORDINGS_DIR}']) {
    it(`records nothing and answers nothing with the folder “${nowhere}”`, async () => {
      const { send } = await load({ folder: nowhere });
      helper.getNode('recorder').receive({ clip: { name: 'visit1', action: 'end' } });
      // The first thing that is heard is the answer to the second message.
      const outcome = await send({ clip: { name: 'visit1', action: 'stop' } });
      assert.equal(outcome.kind === 'fault' && outcome.code, 'recorder.bad-clip');
      assert.deepEqual(targets, []);
    });
  }

  for (const [what, clip] of Object.entries({
    'no clip': undefined,
    'a path for a name': { name: '../../etc/passwd', action: 'begin' },
    'a name too short': { name: 'abc', action: 'begin' },
    'no action': { name: 'visit1' },
  })) {
    it(`refuses ${what}`, async () => {
      const { send } = await load({ folder: 'none' });
      const outcome = await send({ clip });
      assert.equal(outcome.kind === 'fault' && outcome.code, 'recorder.bad-clip');
    });
  }

  it('tells Catch that no camera source is chosen, and that a camera’s name fits no file', async () => {
    const missing = await (await load({ source: '' })).send({ clip: { name: 'visit1', action: 'begin' } });
    assert.equal(missing.kind === 'fault' && missing.code, 'config.missing-node');
    await helper.unload();
    const named = await (await load({}, 'left/../..')).send({ clip: { name: 'visit1', action: 'begin' } });
    assert.equal(named.kind === 'fault' && named.code, 'config.invalid');
    assert.deepEqual(targets, []);
  });

  it('refuses numbers that make no sense, each by its name', () => {
    const bad = { segmentSeconds: 1, ringHours: 0, ringGigabytes: -1, pinDays: 'many', preRollSeconds: 61 };
    for (const [name, value] of Object.entries(bad)) {
      const fault = parseConfig({ ...PLAIN, [name]: value }) as { code: string; message: string };
      assert.equal(fault.code, 'config.invalid');
      assert.match(fault.message, new RegExp(name));
    }
  });

  it('keeps a day of two cameras on a card of 32 GB where nobody says otherwise', () => {
    const config = parseConfig(PLAIN) as { ringBytes: number; pinBytes: number; ringMs: number };
    const SYSTEM_BYTES = 8e9;
    assert.ok(2 * (config.ringBytes + config.pinBytes) + SYSTEM_BYTES <= 32e9);
    const bitsPerSecond = (config.ringBytes * 8) / (config.ringMs / 1000);
    assert.ok(bitsPerSecond > 1_060_000 && bitsPerSecond < 1_100_000, `${bitsPerSecond}`);
  });
});
