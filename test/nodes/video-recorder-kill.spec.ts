// kill -9 of the recording process at random times: what is lost, counted picture by picture, and whether the rest plays.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingTarget } from '../../nodes/node-red-contrib-detr/src/camera-source/contract.ts';
import { openCard } from '../../nodes/node-red-contrib-detr/src/video-recorder/card.ts';
import { createRecorder } from '../../nodes/node-red-contrib-detr/src/video-recorder/recorder.ts';
import { needs } from '../needs.ts';
import { countFrames, encodeFrames, type FedRecording, feedRecording, GROUP_FRAMES } from './video-bench.ts';

const CAMERAS = 8;
const KILLS_EACH = 2;
const SEED = 20261121;

describe('a recorder that is killed', () => {
  let folder: string;
  let ffmpeg: string;
  let frames: readonly Buffer[];
  before(function () {
    ffmpeg = needs(this, 'ffmpeg');
    frames = encodeFrames(ffmpeg, 10);
    folder = mkdtempSync(join(tmpdir(), 'recorder-kill-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('loses at most one group of pictures of each camera, however often and whenever it is killed', async () => {
    const random = randomOf(SEED);
    const cameras = Array.from({ length: CAMERAS }, (_, n) => ({
      camera: `${n}`,
      killAfterMs: Array.from({ length: KILLS_EACH }, () => 800 + 2_200 * random()),
    }));
    const losses = (await Promise.all(cameras.map((camera) => killed(camera)))).flat();
    assert.equal(losses.length, CAMERAS * KILLS_EACH);
    const worst = Math.max(...losses);
    console.log(`      pictures lost: ${losses.sort((a, b) => a - b).join(' ')}; a group has ${GROUP_FRAMES}`);
    assert.ok(worst <= GROUP_FRAMES, `${worst} pictures lost`);
    assert.ok(Math.min(...losses) >= 0, 'more pictures found than were taken');
  });

  it('leaves a last file that plays wherever it was cut', async () => {
    const target = { folder: join(folder, 'cut'), segmentSeconds: 60, continuous: true };
    mkdirSync(target.folder);
    const feed = feedRecording(ffmpeg, join(folder, 'cut.pipe'), 'cut', target, frames);
    await sleep(3_000);
    await feed.kill();
    const [file] = readdirSync(target.folder) as [string];
    const path = join(target.folder, file);
    const whole = await countFrames(target.folder, [file]);
    assert.ok(whole >= GROUP_FRAMES, `${whole} pictures`);
    const { size } = statSync(path);
    let last = whole;
    // Shorter each time, at lengths that are no box’s end: never more pictures, never none before the first fragment.
    for (const share of [0.97, 0.8, 0.61, 0.4]) {
      truncateSync(path, Math.floor(size * share));
      const count = await countFrames(target.folder, [file]);
      assert.ok(count > 0 && count <= last, `${count} of ${last} pictures at ${share}`);
      last = count;
    }
  });

  /** Pictures lost at each kill. The same folder, the same recorder; another process of ffmpeg each time. */
  async function killed({
    camera,
    killAfterMs,
  }: {
    camera: string;
    killAfterMs: readonly number[];
  }): Promise<number[]> {
    const home = join(folder, camera);
    const target: RecordingTarget = { folder: home, segmentSeconds: 2, continuous: true };
    const recorder = recorderOf(camera, target);
    await recorder.start();
    const losses: number[] = [];
    let taken = 0;
    for (const [round, ms] of killAfterMs.entries()) {
      const feed: FedRecording = feedRecording(ffmpeg, join(folder, `${camera}-${round}.pipe`), camera, target, frames);
      await sleep(ms);
      taken += await feed.kill();
      await recorder.tick();
      const found = await countFrames(home, videos(home));
      losses.push(taken - found);
      taken = found;
    }
    await recorder.close();
    // After the power is back everything is there and has its final name.
    const after = recorderOf(camera, target);
    await after.start();
    assert.equal(await countFrames(home, videos(home)), taken);
    for (const name of videos(home)) assert.match(name, /Z_\d+s\.mp4$/);
    await after.close();
    return losses;
  }
});

function recorderOf(camera: string, { folder, ...target }: RecordingTarget) {
  return createRecorder({
    ...{ ...target, folder, camera, card: openCard(folder, camera), preRollMs: 0, postRollMs: 0 },
    source: { record: () => () => {} } as never,
    limits: { ringBytes: 1e9, ringMs: 86_400_000, pinBytes: 1e9, pinMs: 86_400_000, reserveBytes: 1 },
    clock: { nowMs: () => Date.now(), uptimeMs: () => performance.now(), boot: 'boot1' },
    ...{ onKept: () => {}, onState: () => {} },
    onFault: (fault) => assert.fail(fault.message),
  });
}

const videos = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.mp4'));

/** mulberry32, so that the kills of one seed are always the same. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
