// Decides when the programs of a camera run: while somebody wants pictures or video, again after they fail, never otherwise.
import type { Fault } from '@tapcase/domain';
import { redact } from './address.ts';
import { captureCommands } from './commands.ts';
import type { CameraSourceConfig, RecordingTarget } from './contract.ts';
import { type Pipeline, type PipelineEnd, type PipelineLimits, startPipeline } from './pipeline.ts';
import { type Found, probe } from './probe.ts';
import { recordingFault } from './recording-fault.ts';

export interface CaptureLimits extends PipelineLimits {
  /** For a program to say what is at an address: listing cameras starts libcamera, an RTSP camera answers within a few s. */
  readonly probeMs: number;
  readonly retryMsMin: number;
  readonly retryMsMax: number;
  /** After a capture this long, what ends it is a new misfortune and not the old one. */
  readonly steadyMs: number;
  /** A card that was full or read-only is tried again after this; until then there are pictures without video. */
  readonly recordAgainMs: number;
  /** Between two pictures: just under a second, so that a key frame each second is never one too early. */
  readonly frameSecondsMin: number;
}

export const CAPTURE_LIMITS: CaptureLimits = {
  probeMs: 10_000,
  startMs: 10_000,
  stallMs: 5_000,
  graceMs: 3_000,
  retryMsMin: 500,
  retryMsMax: 30_000,
  steadyMs: 30_000,
  recordAgainMs: 60_000,
  frameSecondsMin: 0.9,
};

/** What is wanted of a capture: pictures, and video where a target is given. */
export interface Wish {
  readonly recording: RecordingTarget | undefined;
}

export interface CaptureListener {
  readonly onPicture: (encoded: Buffer) => void;
  /** `hadPictures`: whether this run gave any before it failed. */
  readonly onFailure: (fault: Fault, hadPictures: boolean) => void;
  /** The recording has stopped while the pictures go on. */
  readonly onRecordingFailure: (fault: Fault) => void;
}

export interface Capture {
  /** Undefined: off. A change of what is recorded restarts the programs, for they cannot change it while they run. */
  want(wish: Wish | undefined): void;
  /** Somebody waits: the next try comes now and not after the pause, but never more than one each `retryMsMin`. */
  hurry(): void;
  close(): Promise<void>;
}

export function createCapture(
  config: CameraSourceConfig,
  listener: CaptureListener,
  limits: CaptureLimits = CAPTURE_LIMITS,
): Capture {
  let wish: Wish | undefined;
  let running: Promise<void> | undefined;
  let pipeline: Pipeline | undefined;
  let served: RecordingTarget | undefined;
  let found: Found | undefined;
  let pause = new AbortController();
  let withoutVideoUntilMs = 0;

  const recordingNow = () => (performance.now() < withoutVideoUntilMs ? undefined : wish?.recording);
  /** One run of the programs. Undefined: ended because it should. */
  const runOnce = async (onPicture: (encoded: Buffer) => void): Promise<Fault | undefined> => {
    const recording = recordingNow();
    found ??= await probe(config, limits.probeMs);
    const commands = captureCommands(config, found, recording, limits);
    // The wish may have changed while the camera was looked for.
    if (wish === undefined || recordingNow() !== recording) return undefined;
    served = recording;
    pipeline = startPipeline(commands, limits, onPicture, (text) => redact(text, config.address));
    const timer = setTimeout(retryRecording, Math.max(0, withoutVideoUntilMs - performance.now()));
    const end = await pipeline.ended;
    clearTimeout(timer);
    pipeline = undefined;
    return recording === undefined ? end.fault : withoutVideo(end, recording);
  };
  const retryRecording = () => {
    if (wish !== undefined && wish.recording !== served) pipeline?.stop();
  };
  /** Where the video could not be written, the pictures go on without it. */
  const withoutVideo = (end: PipelineEnd, recording: RecordingTarget): Fault | undefined => {
    const fault = end.fault === undefined ? undefined : recordingFault(end.said, recording);
    if (fault === undefined) return end.fault;
    withoutVideoUntilMs = performance.now() + limits.recordAgainMs;
    listener.onRecordingFailure(fault);
    return undefined;
  };

  const run = async (): Promise<void> => {
    let waitMs = limits.retryMsMin;
    while (wish !== undefined) {
      let pictures = 0;
      const startedMs = performance.now();
      const fault = await runOnce((encoded) => {
        pictures += 1;
        listener.onPicture(encoded);
      }).catch((thrown: unknown) => thrown as Fault);
      if (fault === undefined) continue;
      // Another camera may stand there when it is looked for again.
      found = undefined;
      listener.onFailure(fault, pictures > 0);
      if (performance.now() - startedMs > limits.steadyMs) waitMs = limits.retryMsMin;
      await rest(waitMs);
      waitMs = Math.min(waitMs * 2, limits.retryMsMax);
    }
  };
  const rest = async (ms: number): Promise<void> => {
    pause = new AbortController();
    await sleep(Math.min(ms, limits.retryMsMin));
    await sleep(ms - limits.retryMsMin, pause.signal);
  };

  const want = (next: Wish | undefined): void => {
    wish = next;
    if (pipeline !== undefined && (next === undefined || recordingNow() !== served)) pipeline.stop();
    if (next === undefined) pause.abort();
    else running ??= run().finally(afterRun);
  };
  const afterRun = () => {
    running = undefined;
    // Wanted again between the last look at the wish and now.
    if (wish !== undefined) want(wish);
  };

  return {
    want,
    hurry: () => pause.abort(),
    close: async () => {
      want(undefined);
      await running;
    },
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
