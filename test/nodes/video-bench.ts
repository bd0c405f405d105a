// Real video for the recorder's tests: coded once, fed frame by frame to a real ffmpeg, counted again from the files.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RecordingTarget } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import { segmentOutput } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/video-recorder/segment-output.ts';

const run = promisify(execFile);
export const FPS = 30;
/** A group of pictures: one key frame a second. */
export const GROUP_FRAMES = 30;
/** Begins every picture (ITU-T H.264, 7.3.2.4) where the encoder is asked for access unit delimiters. */
const DELIMITER = Buffer.from([0, 0, 0, 1, 9]);

/** Pictures of a test card as H.264, a key frame every second, no pictures that wait for later ones. */
export function encodeFrames(ffmpeg: string, seconds: number): readonly Buffer[] {
  const args = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc=size=320x240:rate=${FPS}`, '-t', String(seconds)];
  const coder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(GROUP_FRAMES), '-keyint_min', '30'];
  const plain = ['-sc_threshold', '0', '-bf', '0', '-x264-params', 'aud=1', '-f', 'h264', '-'];
  const stream = execFileSync(ffmpeg, [...args, ...coder, ...plain], { maxBuffer: 100_000_000 });
  const starts: number[] = [];
  for (let at = stream.indexOf(DELIMITER); at >= 0; at = stream.indexOf(DELIMITER, at + 1)) starts.push(at);
  return starts.map((start, n) => stream.subarray(start, starts[n + 1] ?? stream.length));
}

export interface FedRecording {
  readonly process: ChildProcess;
  /** SIGKILL. How many pictures ffmpeg had taken in whole by then. */
  kill(): Promise<number>;
  /** Resolves when it has been given so many pictures. */
  fed(count: number): Promise<void>;
}

/**
 * ffmpeg as a camera's process runs it, at 30 pictures a second through a named pipe. The test holds the pipe open too: what
 * ffmpeg had not read when it was killed is still in there and can be told from what it lost, however loaded the machine is.
 */
export function feedRecording(
  ffmpeg: string,
  pipe: string,
  camera: string,
  target: RecordingTarget,
  frames: readonly Buffer[],
): FedRecording {
  execFileSync('mkfifo', [pipe]);
  const handle = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  // Without these ffmpeg looks at five seconds of pictures before it writes the first one.
  const prompt = ['-probesize', '32', '-analyzeduration', '0'];
  const input = ['-v', 'error', '-nostdin', ...prompt, '-f', 'h264', '-framerate', String(FPS), '-i', pipe];
  const child = spawn(ffmpeg, [...input, ...segmentOutput(camera, target)], {
    env: { ...process.env, TZ: 'UTC' },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const ends: number[] = [];
  let written = 0;
  let queue = Buffer.alloc(0);
  let wake: (value?: unknown) => void = () => {};
  const timer = setInterval(() => {
    const frame = frames[ends.length % frames.length]!;
    queue = Buffer.concat([queue, frame]);
    ends.push((ends.at(-1) ?? 0) + frame.length);
    written += writeSome(handle, queue);
    queue = queue.subarray(queue.length - ((ends.at(-1) ?? 0) - written));
    wake();
  }, 1000 / FPS);
  return {
    process: child,
    kill: async () => {
      clearInterval(timer);
      child.kill('SIGKILL');
      await exited;
      const consumed = written - drain(handle);
      closeSync(handle);
      return ends.filter((end) => end <= consumed).length;
    },
    fed: async (count) => {
      while (ends.length < count || queue.length > 0) await new Promise((resolve) => (wake = resolve));
    },
  };
}

/** Pictures that can be decoded, and in how many files of the folder. */
export async function countFrames(folder: string, files: readonly string[]): Promise<number> {
  const counts = await Promise.all(files.map((file) => countFile(join(folder, file))));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** By what does not change while a file is only renamed: to start ffprobe costs more than to decode some seconds. */
const counted = new Map<string, Promise<number>>();

function countFile(path: string): Promise<number> {
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  const key = [dev, ino, size, mtimeNs].join(' ');
  const count = counted.get(key) ?? decode(path);
  counted.set(key, count);
  return count;
}

async function decode(path: string): Promise<number> {
  const wanted = ['-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames'];
  const { stdout } = await run('/usr/bin/ffprobe', ['-v', 'quiet', '-threads', '1', ...wanted, '-of', 'csv=p=0', path]);
  return Number.parseInt(stdout, 10) || 0;
}

function writeSome(handle: number, bytes: Buffer): number {
  try {
    return writeSync(handle, bytes);
  } catch {
    // The pipe is full: ffmpeg is slow today, the rest goes with the next picture.
    return 0;
  }
}

function drain(handle: number): number {
  const buffer = Buffer.alloc(65_536);
  let bytes = 0;
  try {
    for (let count = 1; count > 0; bytes += count) count = readSync(handle, buffer);
  } catch {
    // Empty.
  }
  return bytes;
}
