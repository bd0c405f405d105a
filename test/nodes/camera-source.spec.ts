// tapcase-camera with real programs: off while idle, awake when wanted, again after every way to die, and never an orphan.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Fault, parseImage } from '@tapcase/domain';
import sharp from 'sharp';
import { captureCommands } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/commands.ts';
import type {
  Frame,
  RecordingTarget,
  TeachableCamera,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import {
  createCameraSource,
  SOURCE_LIMITS,
  type SourceLimits,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/create-camera.ts';
import { needs } from '../needs.ts';
import { HANG_MS, until } from '../patience.ts';
import { startWorldBench } from '../sim/world-bench.ts';
import {
  CAMERA_IDS,
  capturesOf,
  childrenOf,
  configOf,
  DRAWN,
  fakeRpicam,
  hangingFfmpeg,
  isAlive,
  makeClip,
  newFolder,
  PATIENT,
  videosIn,
} from './camera-bench.ts';

describe('tapcase-camera', () => {
  let folder: string;
  let clip: string;
  const open: TeachableCamera[] = [];
  const { PATH } = process.env;
  before(function () {
    needs(this, 'ffmpeg');
    folder = newFolder();
    clip = `file:${makeClip(folder)}`;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await Promise.all(open.splice(0).map((camera) => camera.close()));
    process.env.PATH = PATH;
    assert.deepEqual(capturesOf(process.pid), []);
  });

  const camera = (address: string, more: object = {}, limits: Partial<SourceLimits> = {}, now = Date.now) => {
    const all = Object.defineProperties({ ...PATIENT }, Object.getOwnPropertyDescriptors(limits));
    const source = createCameraSource(configOf(address, { ...more }), all, now);
    open.push(source);
    return source;
  };
  const target = (more: Partial<RecordingTarget> = {}): RecordingTarget => ({
    folder: newFolder('video-'),
    segmentSeconds: 60,
    continuous: true,
    ...more,
  });
  const codeOf = async (wanted: Promise<unknown>): Promise<string> => {
    const fault = await faultOf(wanted);
    return fault.code;
  };

  it('runs nothing while idle, takes a whole JPEG when asked, and is off again after', async () => {
    const source = camera(clip);
    assert.deepEqual(capturesOf(process.pid), []);
    const askedMs = Date.now();
    const taken = source.takePicture();
    const { encoded, atMs, camera: name, doubt } = await taken;
    assert.deepEqual([name, doubt], ['0', undefined]);
    assert.ok(atMs >= askedMs);
    const { width, height } = await sharp(encoded).metadata();
    assert.deepEqual([width, height], [320, 240]);
    await gone();
  });

  it('gives about a picture a second while awake, a file again and again, and sleeps when told', async () => {
    const { frameSecondsMin } = SOURCE_LIMITS;
    const source = camera(clip, {}, { frameSecondsMin });
    const wokenMs = Date.now();
    source.wake(600_000);
    source.wake(1);
    const frames = await framesOf(source, 4);
    // The machine may be slow, never fast. Half a second is what ffmpeg may hurry through at its start.
    const earlyMs = 500;
    for (const [n, { atMs }] of frames.entries()) assert.ok(atMs - wokenMs >= n * frameSecondsMin * 1000 - earlyMs);
    assert.equal(capturesOf(process.pid).length, 1);
    source.sleep();
    await gone();
  });

  it('goes to sleep by itself when its time is over', async () => {
    let laterMs = 0;
    const source = camera(DRAWN, {}, {}, () => Date.now() + laterMs);
    source.wake(600_000);
    await framesOf(source, 1);
    laterMs = 600_000 - 50;
    // Reckons anew how long it is still awake, and stays so for no longer.
    source.wake(0);
    await gone();
  });

  it('comes back after its program was killed, and says so once', async () => {
    const source = camera(clip);
    const faults = faultsOf(source);
    source.wake(600_000);
    await framesOf(source, 1);
    const [killed] = capturesOf(process.pid);
    const fault = faultFrom(source);
    process.kill(killed!, 'SIGKILL');
    await fault;
    await framesOf(source, 2);
    assert.notDeepEqual(capturesOf(process.pid), [killed]);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['camera.unreachable'],
    );
    assert.equal(faults[0]!.details.ended, 'SIGKILL');
  });

  it('a picture that was awaited when the program died comes from the next start', async () => {
    const source = camera(clip);
    source.wake(600_000);
    await framesOf(source, 1);
    const taken = source.takePicture();
    process.kill(capturesOf(process.pid)[0]!, 'SIGKILL');
    assert.equal((await taken).camera, '0');
  });

  it('a program that hangs is a stall: ended for good and started again', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red', noise } })
      .jpeg()
      .toBuffer();
    const hanging = hangingFfmpeg(picture);
    process.env.PATH = `${hanging.folder}:${PATH}`;
    const stallsMs = [50];
    // Each start of the programs asks once: the one after the hanging one has all the time that it needs.
    const source = camera(
      clip,
      {},
      {
        graceMs: 50,
        get stallMs() {
          return stallsMs.shift() ?? HANG_MS;
        },
      },
    );
    const faults = faultsOf(source);
    source.wake(600_000);
    await framesOf(source, 2);
    assert.equal(isAlive(hanging.pid()), false);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['camera.stalled'],
    );
  });

  it('keeps H.264 as it is, gives pictures meanwhile, and leaves a whole file', async () => {
    const source = camera(clip);
    const wanted = target();
    const stop = source.record(wanted);
    await framesOf(source, 5);
    stop();
    await gone();
    const [video, ...others] = videosIn(wanted.folder);
    assert.deepEqual(others, []);
    assert.equal(video!.codec, 'h264');
    assert.ok(video!.frames >= 5, `${video!.frames} frames`);
  });

  it('encodes what is not H.264, with a key frame each second', async () => {
    const source = camera(DRAWN);
    const wanted = target();
    const stop = source.record(wanted);
    await framesOf(source, 5);
    stop();
    await gone();
    const [video] = videosIn(wanted.folder);
    assert.equal(video!.codec, 'h264');
    assert.ok(video!.frames >= 5, `${video!.frames} frames`);
  });

  it('records only while awake unless it records without end; awake, a recording begins and ends with one restart', async () => {
    const source = camera(clip);
    const wanted = target({ continuous: false });
    const stopIdle = source.record(wanted);
    assert.deepEqual(capturesOf(process.pid), []);
    stopIdle();
    source.wake(600_000);
    await framesOf(source, 1);
    const [first] = capturesOf(process.pid);
    const stop = source.record(wanted);
    await framesOf(source, 2);
    const [second] = capturesOf(process.pid);
    assert.notEqual(second, first);
    stop();
    await framesOf(source, 2);
    assert.notEqual(capturesOf(process.pid)[0], second);
    assert.equal(videosIn(wanted.folder).length, 1);
  });

  it('where the video cannot be written, the pictures go on and the fault says so', async () => {
    const source = camera(clip);
    const faults = faultsOf(source);
    source.record(target({ folder: join(folder, 'not-there') }));
    await framesOf(source, 2);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['camera.recording-failed'],
    );
  });

  it('tries the video again after a while', async () => {
    const source = camera(clip, {}, { recordAgainMs: 50 });
    const wanted = target();
    rmSync(wanted.folder, { recursive: true });
    const fault = faultFrom(source);
    source.record(wanted);
    assert.equal((await fault).code, 'camera.recording-failed');
    mkdirSync(wanted.folder);
    await firstFile(wanted.folder);
    await source.close();
    assert.ok(videosIn(wanted.folder).length >= 1);
  });

  it('drives a Raspberry Pi’s camera: its arguments, the pipe into ffmpeg, SIGINT at the end', async () => {
    const rpicam = fakeRpicam();
    process.env.PATH = `${rpicam.folder}:${PATH}`;
    const source = camera('rpicam:1', { identity: CAMERA_IDS[1], kilobitsPerSecond: '900' });
    const wanted = target();
    const stop = source.record(wanted);
    await framesOf(source, 5);
    assert.equal(capturesOf(process.pid).length, 2);
    stop();
    await gone();
    assert.equal(
      rpicam.starts()[0]!.join(' '),
      '-n -t 0 --camera 1 --width 320 --height 240 --framerate 10 -b 900000 -g 10 --inline --flush -o -',
    );
    assert.match(rpicam.lastWords(), /received signal 2\./);
    const [video] = videosIn(wanted.folder);
    assert.ok(video!.frames >= 5, `${video!.frames} frames`);
  });

  it('when either half of the pipe is killed both are replaced', async () => {
    process.env.PATH = `${fakeRpicam().folder}:${PATH}`;
    const source = camera('rpicam:0');
    source.wake(600_000);
    await framesOf(source, 1);
    for (const half of [0, 1]) {
      const halves = capturesOf(process.pid);
      assert.equal(halves.length, 2);
      const fault = faultFrom(source);
      process.kill(halves[half]!, 'SIGKILL');
      assert.equal((await fault).code, 'camera.unreachable');
      await until('both programs again', () => capturesOf(process.pid).length === 2);
      assert.ok(!halves.some(isAlive));
      await framesOf(source, 1);
    }
  });

  it('finds a camera by its id; another camera at the index is swapped; none is unreachable', async () => {
    const rpicam = fakeRpicam();
    process.env.PATH = `${rpicam.folder}:${PATH}`;
    await camera(`rpicam:${CAMERA_IDS[1]}`).takePicture();
    assert.ok(rpicam.starts()[0]!.join(' ').includes('--camera 1 '));
    const fault = await faultOf(camera('rpicam:0', { identity: CAMERA_IDS[1] }).takePicture());
    assert.deepEqual(
      [fault.code, fault.details],
      ['camera.swapped', { expected: CAMERA_IDS[1], found: CAMERA_IDS[0] }],
    );
    assert.equal(await codeOf(camera('rpicam:2', { identity: CAMERA_IDS[1] }).takePicture()), 'camera.unreachable');
    assert.equal(rpicam.starts().length, 1);
  });

  it('a missing program names its Debian package', async () => {
    process.env.PATH = folder;
    for (const [address, debianPackage] of [
      ['rpicam:0', 'rpicam-apps'],
      [clip, 'ffmpeg'],
    ] as const) {
      const fault = await faultOf(camera(address).takePicture());
      assert.deepEqual([fault.code, fault.details.debianPackage], ['camera.no-program', debianPackage]);
      assert.ok(fault.message.includes(debianPackage));
    }
  });

  it('a device, a file or a network camera that is not there is unreachable at once, and no password is told', async () => {
    for (const address of ['v4l2:/dev/video-none', 'file:/not/there.mp4']) {
      assert.equal(await codeOf(camera(address).takePicture()), 'camera.unreachable');
    }
    const fault = await faultOf(camera('rtsp://bob:hunter2@127.0.0.1:1/live?token=seven').takePicture());
    assert.equal(fault.code, 'camera.unreachable');
    const told = JSON.stringify([fault.message, fault.details, String(fault.cause)]);
    assert.match(told, /refused/);
    assert.doesNotMatch(told, /hunter2|bob|seven/);
  });

  it('a file without video, and one that is none, are unreachable', async () => {
    assert.equal(await codeOf(camera(`file:${import.meta.filename}`).takePicture()), 'camera.unreachable');
  });

  it('records a camera that serves stills from its stream, and asks it for stills meanwhile', async () => {
    const world = await startWorldBench();
    try {
      const source = camera(`${world.url}/sim/cases/123/camera/0`);
      const wanted = target();
      const stop = source.record(wanted);
      const frames = await framesOf(source, 5);
      assert.ok(
        frames.every(({ encoded }) => encoded[0] === 0x89),
        'stills are PNGs',
      );
      await until('the program that records', () => capturesOf(process.pid).length > 0);
      await firstFile(wanted.folder);
      stop();
      await gone();
      assert.equal(videosIn(wanted.folder)[0]!.codec, 'h264');
    } finally {
      await world.close();
    }
  });

  it('a still camera without a stream gives its pictures all the same, and the fault says that there is no video', async () => {
    const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const server = createServer((request, response) => {
      if (request.url === '/cam') response.end(jpeg);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const source = camera(`http://127.0.0.1:${(server.address() as AddressInfo).port}/cam`);
      const fault = new Promise<Fault>((resolve) => {
        source.onFault((told) => {
          if (told.code !== 'camera.covered') resolve(told);
        });
      });
      source.record(target());
      assert.equal((await framesOf(source, 1))[0]!.doubt, 'covered');
      assert.equal((await fault).code, 'camera.recording-failed');
    } finally {
      server.close();
    }
  });

  it('kill -9 of Node-RED leaves no program behind, with one program or two', async () => {
    process.env.PATH = `${fakeRpicam().folder}:${PATH}`;
    for (const [address, programs] of [
      [clip, 1],
      ['rpicam:0', 2],
    ] as const) {
      const nodeRed = fork(join(import.meta.dirname, 'camera-orphan.ts'), [address, newFolder('video-')]);
      const [said] = (await once(nodeRed, 'message')) as [{ kind: string }];
      assert.deepEqual(said, { kind: 'frame' });
      const orphans = childrenOf(nodeRed.pid!);
      assert.equal(orphans.length, programs);
      nodeRed.kill('SIGKILL');
      await once(nodeRed, 'exit');
      await until('the end of every orphan', () => !orphans.some(isAlive));
    }
  });

  it('who waits while it is closed is told so, and so is the seventeenth who waits', async () => {
    const source = camera(DRAWN);
    const waiting = Array.from({ length: 16 }, () => codeOf(source.takePicture()));
    assert.equal(await codeOf(source.takePicture()), 'camera.busy');
    await source.close();
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['camera.closing']));
    assert.equal(await codeOf(source.takePicture()), 'camera.closing');
  });

  it('a picture’s bytes are no raw pixels, so whoever wants pixels decodes it', async () => {
    const { encoded } = await camera(clip).takePicture();
    assert.ok(parseImage({ width: 320, height: 240, rgb: encoded }) instanceof Error);
  });

  it('encodes by the Pi’s hardware where there is one', () => {
    const found = { index: 0, codec: 'other', reorders: false, v4l2Format: 'mjpeg' } as const;
    const args = (hasPiEncoder: boolean) =>
      captureCommands(configOf('v4l2:/dev/video0'), found, target(), {
        hasPiEncoder,
        frameSecondsMin: 0.9,
      })[0].args.join(' ');
    assert.match(args(true), /-f v4l2 -input_format mjpeg -framerate 10 -video_size 320x240 -i \/dev\/video0/);
    assert.match(args(true), /-c:v h264_v4l2m2m -b:v 1100k/);
    assert.match(args(false), /-c:v libx264 -preset veryfast/);
    const copied = captureCommands(
      configOf('v4l2:/dev/video0'),
      { ...found, codec: 'h264', v4l2Format: 'h264' },
      target(),
      { frameSecondsMin: 0.9 },
    );
    assert.doesNotMatch(copied[0].args.join(' '), /libx264|v4l2m2m/);
  });
});

function faultFrom(source: TeachableCamera): Promise<Fault> {
  return new Promise((resolve) => source.onFault(resolve));
}

function faultsOf(source: TeachableCamera): Fault[] {
  const faults: Fault[] = [];
  source.onFault((fault) => faults.push(fault));
  return faults;
}

async function faultOf(wanted: Promise<unknown>): Promise<Fault> {
  try {
    await wanted;
  } catch (thrown) {
    return thrown as Fault;
  }
  throw new assert.AssertionError({ message: 'no fault' });
}

function framesOf(source: TeachableCamera, count: number): Promise<Frame[]> {
  return new Promise((resolve) => {
    const frames: Frame[] = [];
    const stop = source.onFrame((frame) => {
      frames.push(frame);
      if (frames.length < count) return;
      stop();
      resolve(frames);
    });
  });
}

/** Ends are nobody's event here: the processes are looked at. */
async function gone(): Promise<void> {
  await until('the end of all programs', () => capturesOf(process.pid).length === 0);
}

async function firstFile(folder: string): Promise<void> {
  await until('a file of video', () => readdirSync(folder).some((name) => statSync(join(folder, name)).size > 5_000));
}
