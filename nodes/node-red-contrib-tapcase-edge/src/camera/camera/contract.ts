// What a camera is to the nodes that use it: one capture, from which come pictures to look at and video to keep.

import { asFields, configText } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { type ShelfCut, storedCut } from '../shelf-cut.ts';
import { type Address, parseAddress } from './address.ts';

/** One picture as the camera gave it. Travels as `msg.image`; whoever needs pixels decodes it. */
export interface Frame {
  /** A whole JPEG or PNG. */
  readonly encoded: Uint8Array;
  /** The camera's name in reports: "0", "1". */
  readonly camera: string;
  /** Unix milliseconds at which the picture was there. */
  readonly atMs: number;
  /** What of it is shelf; undefined: nobody said. The picture itself is whole. */
  readonly shelf?: ShelfCut;
  /** What speaks against the picture. One that was asked for has at most `covered`; with the others it is a fault. */
  readonly doubt?: Doubt;
}

/** The lens is covered; the same picture again and again; another camera's view. */
export type Doubt = 'covered' | 'frozen' | 'swapped';

/** Where video is kept while the camera is awake. */
export interface RecordingTarget {
  /** Exists already. Segments are `<camera>_<YYYYMMDDTHHMMSSZ>.mp4` in it, the time in UTC. */
  readonly folder: string;
  readonly segmentSeconds: number;
  /** Keeps the camera awake for as long as the recording is not stopped. */
  readonly continuous: boolean;
}

/** The port of the tapcase-camera config node. One process captures, however many use it; none does while it sleeps. */
export interface CameraSource {
  readonly camera: string;
  /** Awake at least until `forMs` from now; never shortens an earlier call. Off again when nobody holds it. */
  wake(forMs: number): void;
  /** Takes back all calls of `wake`. A continuous recording keeps the camera awake all the same. */
  sleep(): void;
  /**
   * A picture taken after the call; wakes the camera for it. Throws `camera.unreachable`, `camera.bad-picture`,
   * `camera.frozen`, `camera.swapped`, `camera.stalled`, `camera.no-program`, `camera.busy` or `camera.closing`.
   */
  takePicture(): Promise<Frame>;
  /** Every frame while awake, about one a second. Returns what stops it. */
  onFrame(listener: (frame: Frame) => void): () => void;
  /** Every fault that is not the answer to a `takePicture`, once for each outage. Returns what stops it. */
  onFault(listener: (fault: Fault) => void): () => void;
  /** One recording at a time. Returns what stops it. */
  record(target: RecordingTarget): () => void;
  close(): Promise<void>;
}

/** What tapcase-camera opens: the port and, for whoever set the cameras up, a way to say that all hang where they should. */
export interface TeachableCamera extends CameraSource {
  /** The next good pictures become the reference of this camera's view. Does nothing without a folder for references. */
  teach(): void;
}

export const defaults = {
  name: { value: '' },
  address: { value: '', required: true },
  camera: { value: '0', required: true },
  role: { value: '' },
  identity: { value: '' },
  width: { value: '1280', required: true },
  height: { value: '720', required: true },
  framesPerSecond: { value: '30', required: true },
  kilobitsPerSecond: { value: '1100', required: true },
  referenceFolder: { value: '' },
  /** Percent. */
  cutLeft: { value: '' },
  cutTop: { value: '' },
  cutRight: { value: '' },
  cutBottom: { value: '' },
  outside: { value: 'cut' },
} as const;

export interface CameraSourceConfig {
  readonly address: Address;
  /** "0", "1": travels in reports, and in names of files. */
  readonly camera: string;
  /** "upper left", for people. */
  readonly role: string;
  /** What must be found at the address: a libcamera id or a path under /dev/v4l; '' = whatever is there. */
  readonly identity: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly kilobitsPerSecond: number;
  /** '' = the view is not compared. */
  readonly referenceFolder: string;
  readonly shelf?: ShelfCut;
}

const CAMERA_NAME = /^[A-Za-z0-9-]{1,8}$/;
const ROLE_LENGTH_MAX = 40;

/** What the dialog allows: below, no encoder starts; above, no Pi keeps up. */
const RANGES = {
  width: [64, 4096],
  height: [64, 4096],
  framesPerSecond: [1, 120],
  kilobitsPerSecond: [50, 50_000],
} as const;

export function parseConfig(raw: unknown): CameraSourceConfig | Fault {
  const address = parseAddress(configText(raw, 'address'));
  if (address === undefined) {
    return new Fault('config.invalid', 'address wants rpicam:, v4l2:, file:, ffmpeg:, rtsp:// or http://');
  }
  const camera = configText(raw, 'camera');
  if (!CAMERA_NAME.test(camera)) return new Fault('config.invalid', 'camera wants 1 to 8 letters or digits');
  const [width, height] = [rangedNumber(raw, 'width'), rangedNumber(raw, 'height')];
  const [framesPerSecond, kilobitsPerSecond] = [
    rangedNumber(raw, 'framesPerSecond'),
    rangedNumber(raw, 'kilobitsPerSecond'),
  ];
  for (const number of [width, height, framesPerSecond, kilobitsPerSecond]) if (number instanceof Fault) return number;
  const shelf = storedCut(raw);
  if (shelf instanceof Fault) return shelf;
  return {
    address,
    camera,
    role: configText(raw, 'role').slice(0, ROLE_LENGTH_MAX),
    identity: configText(raw, 'identity'),
    width: width as number,
    height: height as number,
    framesPerSecond: framesPerSecond as number,
    kilobitsPerSecond: kilobitsPerSecond as number,
    referenceFolder: configText(raw, 'referenceFolder'),
    ...(shelf === undefined ? {} : { shelf }),
  };
}

function rangedNumber(raw: unknown, name: keyof typeof RANGES): number | Fault {
  const [low, high] = RANGES[name];
  const number = Number(asFields(raw)[name] ?? defaults[name].value);
  if (Number.isInteger(number) && number >= low && number <= high) return number;
  return new Fault('config.invalid', `${name} wants a whole number, ${low} to ${high}`);
}
