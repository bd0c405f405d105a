// Cameras for tests: clips and test pictures through the real ffmpeg, a stand-in for rpicam-vid, and who of their
// processes still lives.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CameraSourceConfig } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import { parseConfig } from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/contract.ts';
import {
  SOURCE_LIMITS,
  type SourceLimits,
} from '../../nodes/node-red-contrib-tapcase-edge/src/camera/camera/create-camera.ts';
import { HANG_MS } from '../patience.ts';

/** A camera without end that is not H.264. */
export const DRAWN = 'ffmpeg:-re -f lavfi -i testsrc2=size=320x240:rate=10';
/** Deadlines that no busy machine meets, and pauses as short as a test wants them; the capture behaves alike. */
export const PATIENT: SourceLimits = {
  ...SOURCE_LIMITS,
  probeMs: HANG_MS,
  startMs: HANG_MS,
  stallMs: HANG_MS,
  graceMs: HANG_MS,
  pictureMs: HANG_MS,
  answerMs: HANG_MS,
  recordAgainMs: HANG_MS,
  retryMsMin: 50,
  retryMsMax: 500,
  stillMs: 50,
  frameSecondsMin: 0.15,
};

export function configOf(address: string, more: Readonly<Record<string, unknown>> = {}): CameraSourceConfig {
  const config = parseConfig({ address, camera: '0', framesPerSecond: '10', width: '320', height: '240', ...more });
  if (config instanceof Error) throw config;
  return config;
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Gone when the tests are over. */
export function newFolder(name = 'camera-'): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  folders.push(folder);
  return folder;
}

/** Two seconds of H.264 with a key frame each half second, and B-frames as recorders like them. */
export function makeClip(folder: string): string {
  const path = join(folder, 'clip.mp4');
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10', '-t', '2'];
  const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '5', '-pix_fmt', 'yuv420p'];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, ...coded, path]);
  return path;
}

export const CAMERA_IDS = ['/base/soc/i2c0mux/i2c@1/imx708@1a', '/base/soc/i2c0mux/i2c@0/imx708@1a'] as const;

export interface FakeRpicam {
  /** To be put before PATH. */
  readonly folder: string;
  /** The arguments of each start that was no listing. */
  starts(): string[][];
  /** What the last start said when it ended. */
  lastWords(): string;
}

/** Lists two cameras; else writes raw H.264 to its output until SIGINT, as rpicam-vid does. */
export function fakeRpicam(): FakeRpicam {
  const folder = newFolder('rpicam-');
  const log = join(folder, 'starts');
  mkdirSync(log);
  const listing = CAMERA_IDS.map(
    (id, index) => `${index} : imx708 [4608x2592 10-bit RGGB] (${id})\\n    Modes: 'SRGGB10_CSI2P'`,
  );
  writeFileSync(
    join(folder, 'rpicam-vid'),
    `#!/bin/sh
if [ "$1" = --list-cameras ]; then printf 'Available cameras\\n-----------------\\n${listing.join('\\n')}\\n'; exit 0; fi
printf '%s\\n' "$@" > '${log}'/$$
exec ffmpeg -nostdin -hide_banner -nostats -re -f lavfi -i testsrc2=size=320x240:rate=30 \\
  -c:v libx264 -preset ultrafast -tune zerolatency -g 10 -pix_fmt yuv420p -f h264 -flush_packets 1 pipe:1 2> '${folder}/words'
`,
  );
  chmodSync(join(folder, 'rpicam-vid'), 0o755);
  return {
    folder,
    starts: () => readdirSync(log).map((name) => readFileSync(join(log, name), 'utf8').trim().split('\n')),
    lastWords: () => readFileSync(join(folder, 'words'), 'utf8'),
  };
}

/** An ffmpeg that at its first start gives one picture, then hangs and hears nobody who asks it to end. */
export function hangingFfmpeg(picture: Uint8Array): { readonly folder: string; pid(): number } {
  const folder = newFolder('hanging-');
  writeFileSync(join(folder, 'picture'), picture);
  writeFileSync(
    join(folder, 'ffmpeg'),
    `#!/bin/sh
[ -e '${folder}/pid' ] && PATH=\${PATH#*:} && exec ffmpeg "$@"
trap '' INT
echo $$ > '${folder}/pid'
cat '${folder}/picture'
exec sleep infinity
`,
  );
  chmodSync(join(folder, 'ffmpeg'), 0o755);
  return { folder, pid: () => Number(readFileSync(join(folder, 'pid'), 'utf8')) };
}

/** The living children of a process; those that have ended and wait to be collected do not count. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), stat: statOf(Number(name)) }))
    .filter(({ stat }) => stat !== undefined && stat.parent === pid && stat.state !== 'Z')
    .map((child) => child.pid);
}

export function isAlive(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.state !== 'Z';
}

/** By program; mocha has children of other suites too. */
export function capturesOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => /^(ffmpeg|rpicam-vid)$/.test(nameOf(child)));
}

export function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** How many frames of which codec each file of a folder holds, oldest first. */
export function videosIn(folder: string): { readonly codec: string; readonly frames: number }[] {
  const show = [
    '-v',
    'error',
    '-count_packets',
    '-show_entries',
    'stream=codec_name,nb_read_packets',
    '-of',
    'csv=p=0',
  ];
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const [codec = '', frames = '0'] = execFileSync('ffprobe', [...show, join(folder, name)])
        .toString()
        .trim()
        .split(',');
      return { codec, frames: Number(frames) };
    });
}

function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    // The name in brackets may hold anything, the rest are words.
    const [state = '', parent = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
