// kill -9 of the recording process at random times: what is lost, counted picture by picture, and whether the rest plays.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// real time: a kill falls between two pictures, wherever it likes.
import { setTimeout as pause } from 'node:timers/promises';
import { segmentFile } from '@tapcase/domain';
import type { RecordingTarget } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import { openCard } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/card.ts';
import { createRecorder } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/recorder.ts';
import { needs } from '../needs.ts';
import { within } from '../patience.ts';
import { countFrames, encodeFrames, FPS, feedRecording, GROUP_FRAMES } from './video-bench.ts';

const CAMERAS = 8;
const KILLS_EACH = 2;
const SEED = 20261121;
const HOUR_MS = 3_600_000;
/** When a camera is killed: after so many pictures, and in between two of them. */
interface Kill {
  readonly pictures: number;
  readonly laterMs: number;
}

describe('a recorder that is killed', () => {
  let folder: string;
  let ffmpeg: string;
  let frames: readonly Buffer[];
  before(function () {
    ffmpeg = needs(this, 'ffmpeg');
    frames = encodeFrames(ffmpeg, 4);
    folder = mkdtempSync(join(tmpdir(), 'recorder-kill-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('loses at most one group of pictures of each camera, however often and whenever it is killed', async () => {
    const random = randomOf(SEED);
    const cameras = Array.from({ length: CAMERAS }, (_, n) => ({
      camera: `${n}`,
      kills: Array.from({ length: KILLS_EACH }, () => ({
        pictures: Math.floor(FPS * (0.8 + 2.2 * random())),
        laterMs: (random() * 1000) / FPS,
      })),
    }));
    const losses = (await Promise.all(cameras.map((camera) => killed(camera)))).flat();
    assert.equal(losses.length, CAMERAS * KILLS_EACH);
    const worst = Math.max(...losses);
    console.log(`      pictures lost: ${losses.sort((a, b) => a - b).join(' ')}; a group has ${GROUP_FRAMES}`);
    assert.ok(worst <= GROUP_FRAMES, `${worst} pictures lost (seed ${SEED})`);
    assert.ok(Math.min(...losses) >= 0, `more pictures found than were taken (seed ${SEED})`);
  });

  it('leaves a last file that plays wherever it was cut, in a picture or in what says where the pictures are', async () => {
    const target = { folder: join(folder, 'cut'), segmentSeconds: 60, continuous: true };
    mkdirSync(target.folder);
    const feed = feedRecording(ffmpeg, join(folder, 'cut.pipe'), '0', target, frames);
    const boxCount = () => boxesOf(readFileSync(join(target.folder, videos(target.folder)[0]!))).length;
    for (let fed = 1; videos(target.folder).length === 0 || boxCount() < 8; fed += 1) await feed.fed(fed);
    await feed.kill();
    const [file] = videos(target.folder) as [string];
    const whole = readFileSync(join(target.folder, file));
    rmSync(join(target.folder, file));
    const boxes = boxesOf(whole).slice(2);
    // The first picture must be whole for there to be anything to see: cuts begin with the second fragment.
    const cuts = boxes
      .slice(2, 6)
      .flatMap(({ start, bytes }) => [0, 5, 90, 140, bytes - 1].map((more) => start + more));
    // Half a day ago, which the recorder keeps: a minute apart, none of them like the file that was cut.
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 12 * HOUR_MS;
    const stemOf = (n: number) => {
      const name = { camera: '0', startMs: startMs + n * 60_000, copy: 1, seconds: undefined, marks: [] };
      return segmentFile(name).replace('.mp4', '');
    };
    for (const [n, cut] of cuts.entries()) {
      writeFileSync(join(target.folder, `${stemOf(n)}.mp4`), whole.subarray(0, cut));
    }
    const recorder = recorderOf('0', target);
    await recorder.start();
    await recorder.close();
    const counts: number[] = [];
    for (const n of cuts.keys()) {
      counts.push(
        await countFrames(
          target.folder,
          videos(target.folder).filter((name) => name.startsWith(stemOf(n))),
        ),
      );
    }
    assert.ok(counts[0]! >= GROUP_FRAMES / 2 - 1, `${counts[0]} pictures`);
    assert.deepEqual(
      counts,
      [...counts].sort((a, b) => a - b),
    );
  });

  /** Pictures lost at each kill. The same folder, the same recorder; another process of ffmpeg each time. */
  async function killed({ camera, kills }: { camera: string; kills: readonly Kill[] }): Promise<number[]> {
    const home = join(folder, camera);
    const target: RecordingTarget = { folder: home, segmentSeconds: 2, continuous: true };
    const recorder = recorderOf(camera, target);
    await recorder.start();
    const losses: number[] = [];
    let taken = 0;
    for (const [round, { pictures, laterMs }] of kills.entries()) {
      const feed = feedRecording(ffmpeg, join(folder, `${camera}-${round}.pipe`), camera, target, frames);
      await within(`${pictures} pictures`, feed.fed(pictures));
      // real time: ffmpeg reads while it passes, and is killed at any moment of its work on a picture.
      await pause(laterMs);
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

interface Box {
  readonly start: number;
  readonly bytes: number;
}

function boxesOf(file: Buffer): readonly Box[] {
  const boxes: Box[] = [];
  for (let start = 0; start + 8 <= file.length; start += boxes.at(-1)!.bytes) {
    boxes.push({ start, bytes: file.readUInt32BE(start) });
  }
  return boxes;
}

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
