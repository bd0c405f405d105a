// What a camera is to the nodes that use it: one capture, from which come pictures to look at and video to keep.

import { type Complete, contract, type Evaluate, Fault, invalidProperty, phrase } from '@tapcase/define-node';
import { CUT_SUM_MAX, type ShelfCut, shelfCut } from '../shelf-cut.ts';
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

/** Percent of the picture's width or height; empty: nothing. */
const CUT = { kind: 'number', min: 0, max: CUT_SUM_MAX, unit: '%', group: 'shelf' } as const;

/** The numbers' bounds: below, no encoder starts; above, no Pi keeps up. */
export const camera = contract({
  type: 'tapcase-camera',
  category: 'config',
  wide: true,
  calledBy: ['role', 'camera'],
  properties: {
    address: { kind: 'text', default: '', required: true, hint: true, icon: 'video-camera' },
    camera: { kind: 'text', default: '0', required: true, is: /^[A-Za-z0-9-]{1,8}$/ },
    role: { kind: 'text', default: '', hint: true },
    identity: { kind: 'text', default: '', hint: true },
    width: { kind: 'number', default: 1280, min: 64, max: 4096, whole: true, unit: 'px' },
    height: { kind: 'number', default: 720, min: 64, max: 4096, whole: true, unit: 'px' },
    framesPerSecond: { kind: 'number', default: 30, min: 1, max: 120, whole: true, unit: '/s' },
    kilobitsPerSecond: { kind: 'number', default: 1100, min: 50, max: 50_000, whole: true, unit: 'kbit/s' },
    referenceFolder: { kind: 'text', default: '', hint: true, icon: 'folder-o' },
    cutLeft: CUT,
    cutTop: CUT,
    cutRight: CUT,
    cutBottom: CUT,
    outside: { kind: 'choice', of: ['cut', 'blur'], default: 'cut', group: 'shelf' },
  },
});

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

const ROLE_LENGTH_MAX = 40;

/** `config.invalid` names the property. */
export function parseConfig(saved: unknown, evaluate?: Evaluate, complete?: Complete): CameraSourceConfig | Fault {
  const config = camera.parseConfig(saved, evaluate, complete);
  if (config instanceof Fault) return config;
  const { cutLeft: left, cutTop: top, cutRight: right, cutBottom: bottom, outside, ...plain } = config;
  const address = parseAddress(config.address);
  if (address === undefined) {
    return invalidProperty(
      'address',
      phrase('wants an address that begins with rpicam, v4l2, file, ffmpeg, rtsp or http'),
    );
  }
  const shelf = shelfCut({ left, top, right, bottom }, outside);
  if (shelf instanceof Fault) return shelf;
  return {
    ...plain,
    address,
    role: plain.role.slice(0, ROLE_LENGTH_MAX),
    ...(shelf === undefined ? {} : { shelf }),
  };
}
