// node bench/recorder.ts: what recording costs this machine, and what a pulled plug costs the recording.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingTarget } from '../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import { openCard } from '../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/card.ts';
import { createRecorder } from '../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/recorder.ts';
import { segmentOutput } from '../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/segment-output.ts';
import { countFrames } from '../test/nodes/video-bench.ts';

const FFMPEG = '/usr/bin/ffmpeg';
const SECONDS = 20;
const FPS = 30;
/** What the quotas of docs/recording.md are made for. */
const STATED_BITS_PER_SECOND = 1_100_000;
/** Linux counts processor time in hundredths of a second, sysconf(_SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;
const PRUNED_FILES = 3_000;
/** As often as the node: see TICK_MS in video-recorder.ts. */
const SYNC_MS = 5_000;

const folder = mkdtempSync(join(tmpdir(), 'bench-recorder-'));
try {
  const video = encodeVideo();
  await measureCopies(video);
  await measurePrune();
  await measurePulledPlug(video);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A moving picture with noise, so that the encoder has use for its bits: 1280 x 720, 30 a second, a key frame each second. */
function encodeVideo(): string {
  const path = join(folder, 'camera.mp4');
  const picture = 'testsrc2=size=1280x720:rate=30,noise=alls=12:allf=t';
  const rate = ['-b:v', '1100k', '-maxrate', '1100k', '-bufsize', '1100k', '-preset', 'veryfast'];
  const group = ['-g', String(FPS), '-sc_threshold', '0', '-bf', '0'];
  const input = ['-v', 'error', '-f', 'lavfi', '-i', picture, '-t', String(SECONDS)];
  execFileSync(FFMPEG, [...input, '-c:v', 'libx264', ...rate, ...group, path]);
  return path;
}

function record(video: string, camera: string, target: RecordingTarget): ChildProcess {
  const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', video];
  const env = { ...process.env, TZ: 'UTC' };
  return spawn(FFMPEG, [...input, ...segmentOutput(camera, target)], { env, stdio: 'ignore' });
}

async function measureCopies(video: string): Promise<void> {
  const target = { folder: join(folder, 'copies'), segmentSeconds: 20, continuous: true };
  mkdirSync(target.folder);
  const cameras = ['0', '1'].map((camera) => record(video, camera, target));
  await sleep(SECONDS * 1000);
  const seconds = cameras.reduce((sum, { pid }) => sum + cpuSeconds(pid!), 0);
  const bytes = readdirSync(target.folder).reduce((sum, file) => sum + statSync(join(target.folder, file)).size, 0);
  for (const camera of cameras) await kill(camera);
  report('two 720p30 copies', `${((100 * seconds) / SECONDS).toFixed(1)} % of a core`);
  const bits = (8 * bytes) / SECONDS / cameras.length / 1e6;
  report('written for each camera', `${bits.toFixed(2)} Mbit/s (stated: ${STATED_BITS_PER_SECOND / 1e6})`);
}

/** User and system time of a process so far: fields 14 and 15 of proc(5)'s stat, after the name in brackets. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function measurePrune(): Promise<void> {
  const home = join(folder, 'prune');
  mkdirSync(home);
  const startMs = Date.now() - 48 * 3_600_000;
  for (let n = 0; n < PRUNED_FILES; n += 1) {
    const time = new Date(startMs + n * 20_000).toISOString().replace(/[-:]|\.\d+/g, '');
    writeFileSync(join(home, `0_${time}_20s.mp4`), Buffer.alloc(100_000));
  }
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const recorder = recorderOf(home);
  delay.enable();
  const beganMs = performance.now();
  await recorder.start();
  const ms = performance.now() - beganMs;
  delay.disable();
  await recorder.close();
  const left = readdirSync(home).filter((name) => name.endsWith('.mp4')).length;
  report(`${PRUNED_FILES - left} files read and pruned at a start`, `${ms.toFixed(0)} ms`);
  // The timer's own millisecond is in the histogram.
  const [p99, max] = [delay.percentile(99), delay.max].map((ns) => (ns / 1e6 - 1).toFixed(1));
  report('event loop meanwhile late by, p99 and most', `${p99} ms, ${max} ms`);
}

/** The card as it is at one moment: a copy of the block device under a mounted file system, which a pulled plug leaves. */
async function measurePulledPlug(video: string): Promise<void> {
  const image = join(folder, 'card.img');
  const at = join(folder, 'card');
  try {
    execFileSync('truncate', ['-s', '200M', image]);
    execFileSync('mkfs.ext4', ['-q', image]);
    mount(image, at);
  } catch {
    return report('a pulled plug', 'not measured: mounting an image wants root and mkfs.ext4');
  }
  const target = { folder: join(at, 'video'), segmentSeconds: 10, continuous: true };
  let camera: ChildProcess | undefined;
  const recorder = recorderOf(target.folder, () => {
    camera = record(video, '0', target);
  });
  await recorder.start();
  const beganMs = Date.now();
  const timer = setInterval(() => void recorder.tick(), SYNC_MS);
  const pulls: { readonly copy: string; readonly recordedMs: number }[] = [];
  for (const ms of [8_000, 3_300, 5_700, 4_900]) {
    await sleep(ms);
    const copy = `${image}.${pulls.length}`;
    const recordedMs = Date.now() - beganMs;
    cpSync(image, copy);
    pulls.push({ copy, recordedMs });
  }
  clearInterval(timer);
  await recorder.close();
  await kill(camera!);
  execFileSync('umount', [at]);
  for (const { copy, recordedMs } of pulls) {
    mount(copy, at);
    const after = recorderOf(target.folder);
    await after.start();
    const files = readdirSync(target.folder).filter((name) => name.endsWith('.mp4'));
    const seconds = (await countFrames(target.folder, files)) / FPS;
    await after.close();
    execFileSync('umount', [at]);
    const lost = recordedMs / 1000 - seconds;
    report(
      `plug pulled after ${(recordedMs / 1000).toFixed(1)} s`,
      `${seconds.toFixed(1)} s play, ${lost.toFixed(1)} s lost`,
    );
  }
}

function mount(image: string, at: string): void {
  mkdirSync(at, { recursive: true });
  execFileSync('mount', ['-o', 'loop', image, at], { stdio: 'pipe' });
}

function recorderOf(home: string, begin: () => void = () => {}) {
  return createRecorder({
    ...{ folder: home, camera: '0', card: openCard(home, '0'), segmentSeconds: 10, continuous: true },
    ...{ preRollMs: 0, postRollMs: 0, onKept: () => {}, onState: () => {} },
    source: {
      record: () => {
        begin();
        return () => {};
      },
    } as never,
    limits: { ringBytes: 1e9, ringMs: 24 * 3_600_000, pinBytes: 1e9, pinMs: 1e9, reserveBytes: 1 },
    clock: { nowMs: () => Date.now(), uptimeMs: () => performance.now(), boot: 'bench' },
    onFault: (fault) => console.log(fault),
  });
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function report(what: string, value: string): void {
  console.log(`${what.padEnd(46)} ${value}`);
}
