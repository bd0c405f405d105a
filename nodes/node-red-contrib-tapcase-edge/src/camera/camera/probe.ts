// Finds out what is at a camera's address before anything is captured: which camera, and whether its video is H.264.
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, unreachable } from '@tapcase/domain';
import type { CameraSourceConfig } from './contract.ts';
import { ask } from './programs.ts';

export interface Found {
  /** libcamera's index, for a Raspberry Pi camera. */
  readonly index: number;
  /** Video that is H.264 already is kept as it is; other video is encoded for recording. */
  readonly codec: 'h264' | 'other';
  /** Frames may come out of order: read by its key frames alone, such a stream shows each two seconds late. */
  readonly reorders: boolean;
  /** The format to ask of a V4L2 device. */
  readonly v4l2Format: 'h264' | 'mjpeg' | undefined;
}

const BY_PATH = '/dev/v4l/by-path';

/**
 * Throws `camera.swapped` when another camera than the expected one is there, `camera.unreachable` when there is none,
 * `camera.no-program`. A stream that gives no answer is for the capture to fail at, which says why.
 */
export async function probe({ address, identity }: CameraSourceConfig, answerMs: number): Promise<Found> {
  const found: Found = { index: 0, codec: 'other', reorders: false, v4l2Format: undefined };
  switch (address.kind) {
    case 'rpicam':
      return { ...found, codec: 'h264', index: await rpicamIndex(address.camera, identity, answerMs) };
    case 'v4l2': {
      await expectDevice(address.device, identity);
      const v4l2Format = await v4l2FormatOf(address.device, answerMs);
      return { ...found, v4l2Format, codec: v4l2Format === 'h264' ? 'h264' : 'other' };
    }
    case 'ffmpeg':
      return { ...found, ...(await streamOf(address.look, answerMs)) };
    case 'http':
      return found;
    default:
      return unreachable(address);
  }
}

/** `0 : imx708 [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx708@1a)` */
const CAMERA_LINE = /^\s*(\d+)\s*:\s.*\((\/[^)]+)\)\s*$/gm;

/** An index alone may be another camera after a cable was moved; an id is the connector's and the sensor's own. */
async function rpicamIndex(camera: string, identity: string, answerMs: number): Promise<number> {
  const isIndex = /^\d+$/.test(camera);
  if (isIndex && identity === '') return Number(camera);
  const listing = await ask({ program: 'rpicam-vid', args: ['--list-cameras'] }, answerMs);
  const cameras = [...listing.matchAll(CAMERA_LINE)].map(([, index, id]) => ({ index: Number(index), id: id! }));
  const found = cameras.find(({ index, id }) => (isIndex ? index === Number(camera) : id === camera));
  if (found === undefined) {
    throw new Fault('camera.unreachable', 'there is no such camera', { wanted: camera, cameras });
  }
  if (identity !== '' && found.id !== identity) throw swapped(identity, found.id);
  return found.index;
}

async function expectDevice(device: string, identity: string): Promise<void> {
  const real = await realpath(device).catch(() => undefined);
  if (real === undefined) throw new Fault('camera.unreachable', 'there is no such device', { wanted: device });
  if (identity === '') return;
  const expected = await realpath(identity).catch(() => undefined);
  if (expected !== real) throw swapped(identity, (await byPath(real)) ?? real);
}

async function byPath(device: string): Promise<string | undefined> {
  for (const name of await readdir(BY_PATH).catch(() => [])) {
    const path = join(BY_PATH, name);
    if ((await realpath(path).catch(() => undefined)) === device) return path;
  }
  return undefined;
}

function swapped(expected: string, found: string): Fault {
  return new Fault('camera.swapped', 'another camera is at this address', { expected, found });
}

/** The device's own H.264 costs nothing; its JPEGs need less of the USB line than raw pictures. */
async function v4l2FormatOf(device: string, answerMs: number): Promise<Found['v4l2Format']> {
  const args = ['-nostdin', '-hide_banner', '-f', 'v4l2', '-list_formats', 'all', '-i', device];
  const listing = await ask({ program: 'ffmpeg', args }, answerMs);
  const formats = new Set([...listing.matchAll(/Compressed\s*:\s+(\w+)/g)].map(([, format]) => format));
  return formats.has('h264') ? 'h264' : formats.has('mjpeg') ? 'mjpeg' : undefined;
}

/** What nobody can look into beforehand is taken for the hardest case. */
async function streamOf(
  look: readonly string[] | undefined,
  answerMs: number,
): Promise<Pick<Found, 'codec' | 'reorders'>> {
  if (look === undefined) return { codec: 'other', reorders: true };
  const show = ['-select_streams', 'v:0', '-show_entries', 'stream=codec_name,has_b_frames', '-of', 'default=nw=1'];
  const said = await ask({ program: 'ffprobe', args: ['-v', 'error', ...show, ...look] }, answerMs);
  const reorders = !/^has_b_frames=0$/m.test(said);
  return { codec: /^codec_name=h264$/m.test(said) ? 'h264' : 'other', reorders };
}
