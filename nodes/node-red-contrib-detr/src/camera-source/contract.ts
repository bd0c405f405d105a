// What a camera is to the nodes that use it: one capture, from which come pictures to look at and video to keep.
import type { Fault } from '@tapcase/domain';

/** One picture as the camera gave it. Travels as `msg.image`; whoever needs pixels decodes it. */
export interface Frame {
  /** A whole JPEG or PNG. */
  readonly encoded: Uint8Array;
  /** The camera's name in reports: "0", "1". */
  readonly camera: string;
  /** Unix milliseconds at which the picture was there. */
  readonly atMs: number;
}

/** Where video is kept while the camera is awake. */
export interface RecordingTarget {
  /** Exists already. Segments are `<camera>_<YYYYMMDDTHHMMSSZ>.mp4` in it, the time in UTC. */
  readonly folder: string;
  readonly segmentSeconds: number;
  /** Keeps the camera awake for as long as the recording is not stopped. */
  readonly continuous: boolean;
}

/** The port of the camera-source config node. One process captures, however many use it; none does while it sleeps. */
export interface CameraSource {
  readonly camera: string;
  /** Awake at least until `forMs` from now; never shortens an earlier call. Off again when nobody holds it. */
  wake(forMs: number): void;
  /** Takes back all calls of `wake`. A continuous recording keeps the camera awake all the same. */
  sleep(): void;
  /**
   * A picture taken after the call; wakes the camera for it. Throws `camera.unreachable`, `camera.bad-picture`,
   * `camera.frozen`, `camera.swapped`, `camera.stalled` or `camera.closing`.
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
