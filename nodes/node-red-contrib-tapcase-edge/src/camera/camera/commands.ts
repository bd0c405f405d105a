// The command lines that capture: at most two programs in a pipe, video to segments, key frames as JPEGs to Node-RED.
import { existsSync } from 'node:fs';
import { unreachable } from '@tapcase/domain';
import { segmentOutput } from '../video-recorder/segment-output.ts';
import type { CameraSourceConfig, RecordingTarget } from './contract.ts';
import type { Found } from './probe.ts';
import type { Command } from './programs.ts';

/** The hardware encoder of a Pi up to 4; a Pi 5 has none. */
const PI_ENCODER = '/dev/video11';
/** About 100 kB for 1280 x 720; the detector loses nothing by it. */
const JPEG_QUALITY = 4;

/** Ours, before the input: never a question on the terminal, and no frames held back by threads. */
const QUIET = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-nostats', '-threads', '1'];
/**
 * Raw H.264 on a pipe: without this ffmpeg looks at 4.3 s of video before it writes the first frame (measured, ffmpeg 5.1),
 * by which a wake would be late and which a pulled plug would cost. `nobuffer` would throw the first second away.
 */
const NO_LOOK_AHEAD = ['-probesize', '32', '-analyzeduration', '0'];
/** Decodes key frames only: a seventh of the work. */
const KEY_FRAMES_ONLY = ['-flags', 'low_delay', '-skip_frame', 'nokey'];

export type Commands = readonly [Command] | readonly [Command, Command];

export interface CommandOptions {
  /** Between two pictures. */
  readonly frameSecondsMin: number;
  /** Whether this computer has a Pi's encoder. */
  readonly hasPiEncoder?: boolean;
}

export function captureCommands(
  config: CameraSourceConfig,
  found: Found,
  target: RecordingTarget | undefined,
  { frameSecondsMin, hasPiEncoder = existsSync(PI_ENCODER) }: CommandOptions,
): Commands {
  const encodes = target !== undefined && found.codec !== 'h264';
  const { input, first } = inputOf(config, found);
  const segments = target === undefined ? [] : segmentOutput(config.camera, target);
  const ffmpeg: Command = {
    program: 'ffmpeg',
    args: [
      ...QUIET,
      ...(encodes || found.reorders ? [] : KEY_FRAMES_ONLY),
      ...input,
      ...(encodes ? encoded(segments, config, hasPiEncoder) : segments),
      ...frameOutput(frameSecondsMin),
    ],
  };
  return first === undefined ? [ffmpeg] : [first, ffmpeg];
}

function inputOf(config: CameraSourceConfig, found: Found): { input: readonly string[]; first?: Command } {
  const { address, width, height, framesPerSecond } = config;
  const rate = ['-framerate', String(framesPerSecond)];
  switch (address.kind) {
    case 'rpicam':
      // Raw H.264 has no times of its own.
      return {
        input: [...NO_LOOK_AHEAD, '-use_wallclock_as_timestamps', '1', '-f', 'h264', ...rate, '-i', 'pipe:0'],
        first: { program: 'rpicam-vid', args: rpicamArguments(config, found.index) },
      };
    case 'v4l2': {
      const format = found.v4l2Format === undefined ? [] : ['-input_format', found.v4l2Format];
      return { input: ['-f', 'v4l2', ...format, ...rate, '-video_size', `${width}x${height}`, '-i', address.device] };
    }
    case 'http':
      // Nothing but what it was asked for: a stream may not send ffmpeg to a file or to another kind of address.
      return {
        input: [
          ...['-protocol_whitelist', 'http,https,tcp,tls,crypto', '-use_wallclock_as_timestamps', '1'],
          ...['-f', 'mpjpeg', '-i', `${address.url}/stream`],
        ],
      };
    case 'ffmpeg':
      return { input: address.input };
    default:
      return unreachable(address);
  }
}

function rpicamArguments(
  { width, height, framesPerSecond, kilobitsPerSecond }: CameraSourceConfig,
  index: number,
): readonly string[] {
  return [
    ...['-n', '-t', '0', '--camera', String(index), '--width', String(width), '--height', String(height)],
    ...['--framerate', String(framesPerSecond), '-b', String(kilobitsPerSecond * 1000)],
    // A key frame each second, each with all that a reader needs, each written at once.
    ...['-g', String(framesPerSecond), '--inline', '--flush', '-o', '-'],
  ];
}

/** The segments with video that is encoded on the way. Of two codecs given for an output, ffmpeg takes the later. */
function encoded(
  segments: readonly string[],
  { framesPerSecond, kilobitsPerSecond }: CameraSourceConfig,
  hasPiEncoder: boolean,
): readonly string[] {
  const encoder = hasPiEncoder
    ? ['h264_v4l2m2m']
    : // Without look-ahead: what the encoder still holds is lost when the plug is pulled.
      ['libx264', '-preset', 'veryfast', '-tune', 'zerolatency'];
  return [
    ...segments.slice(0, -1),
    ...['-c:v', ...encoder, '-b:v', `${kilobitsPerSecond}k`, '-pix_fmt', 'yuv420p', '-fps_mode', 'vfr'],
    // A key frame each second, whatever the rate turns out to be.
    ...['-g', String(framesPerSecond), '-force_key_frames', 'expr:gte(t,n_forced)'],
    ...segments.slice(-1),
  ];
}

/**
 * There in every process, for it is more than pictures: a pipe that breaks ends ffmpeg when Node-RED is gone, and frames
 * that stop coming show a stall.
 */
function frameOutput(secondsMin: number): readonly string[] {
  const select = `select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,${secondsMin})`;
  return [
    // One thread: with more, the encoder holds a picture back until the next has come.
    ...['-map', '0:v:0', '-vf', select, '-c:v', 'mjpeg', '-threads:v', '1', '-q:v', String(JPEG_QUALITY)],
    ...['-fps_mode', 'vfr', '-f', 'image2pipe', '-flush_packets', '1', 'pipe:1'],
  ];
}
