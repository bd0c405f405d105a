// One camera behind its port: who holds it awake, and who gets which picture and which fault.
import { Fault } from '@tapcase/domain';
import { createAnnouncer, subscribe } from './announcer.ts';
import { CAPTURE_LIMITS, type CaptureLimits, type CaptureListener, createCapture } from './capture.ts';
import type { CameraSourceConfig, Frame, RecordingTarget, TeachableCamera } from './contract.ts';
import { createJudge, type Judged } from './judge.ts';
import { createStills } from './stills.ts';
import { createWaitingRoom } from './waiting-room.ts';

export interface SourceLimits extends CaptureLimits {
  /** For a picture that was asked for: a start, a key frame and one restart. */
  readonly pictureMs: number;
  /** Between the live pictures of a camera that serves stills. */
  readonly stillMs: number;
  /** For such a camera to answer with the whole picture. */
  readonly answerMs: number;
}

export const SOURCE_LIMITS: SourceLimits = { ...CAPTURE_LIMITS, pictureMs: 12_000, stillMs: 1_000, answerMs: 3_000 };

/** Longer than the longest visit; whoever needs more calls again. */
const WAKE_MS_MAX = 24 * 3_600_000;

export function createCameraSource(
  config: CameraSourceConfig,
  limits: SourceLimits = SOURCE_LIMITS,
  now: () => number = Date.now,
): TeachableCamera {
  const { camera, address } = config;
  const frameListeners = new Set<(frame: Frame) => void>();
  const announcer = createAnnouncer();
  const { judge, teach } = createJudge(config, announcer.fault);
  let awakeUntilMs = 0;
  let target: RecordingTarget | undefined;
  let closed = false;
  let sleepTimer: NodeJS.Timeout | undefined;

  const isAwake = () => !closed && (now() < awakeUntilMs || target?.continuous === true);
  const note = ({ fault }: Judged) => {
    if (fault === undefined) announcer.well();
    else announcer.fault(fault);
  };
  const publish = (judged: Judged) => {
    note(judged);
    // Woken for one picture only, it gives that one to who asked and to nobody else.
    if (isAwake()) for (const listener of frameListeners) listener(judged.frame);
  };
  /** Runs what is needed, and nothing that is not, after every change of who needs what. */
  const update = () => {
    clearTimeout(sleepTimer);
    if (isAwake() && target?.continuous !== true) sleepTimer = setTimeout(update, awakeUntilMs - now());
    if (stills === undefined) {
      capture.want(isAwake() || (!closed && !room.isEmpty()) ? { recording: target } : undefined);
    } else {
      capture.want(isAwake() && target !== undefined ? { recording: target } : undefined);
      if (isAwake()) stills.follow();
    }
  };

  const room = createWaitingRoom(limits.pictureMs, update);
  const stills =
    address.kind === 'http'
      ? createStills({
          ...{ url: address.url, judge, answerMs: limits.answerMs, everyMs: limits.stillMs, now, isAwake },
          ...{ onLive: publish, onFault: announcer.fault },
        })
      : undefined;
  let isJudging = false;
  const onPicture = async (encoded: Buffer): Promise<void> => {
    // A judgement takes milliseconds; should it not, the newest picture waits for none.
    if (isJudging || closed) return;
    isJudging = true;
    const atMs = now();
    try {
      const judged = await judge(encoded, atMs);
      room.serve(atMs, judged.answer);
      publish(judged);
    } catch (thrown) {
      announcer.fault(thrown as Fault);
    } finally {
      isJudging = false;
    }
  };
  const whole: CaptureListener = {
    onPicture: (encoded) => void onPicture(encoded),
    onFailure: (fault, hadPictures) => {
      // After a death in the middle, who waits gets the picture of the next start.
      if (hadPictures || room.isEmpty()) announcer.fault(fault);
      else room.fail(fault);
    },
    onRecordingFailure: announcer.fault,
  };
  /** Of a camera that serves stills only the video is captured, and only the video fails with it. */
  const videoOnly: CaptureListener = {
    onPicture: () => announcer.wellAt('camera.recording-failed'),
    onFailure: (fault) => {
      const { message, details } = fault;
      announcer.fault(new Fault('camera.recording-failed', `no video: ${message}`, details, fault));
    },
    onRecordingFailure: announcer.fault,
  };
  const capture = createCapture(config, stills === undefined ? whole : videoOnly, limits);

  const takePicture = async (): Promise<Frame> => {
    if (closed) throw closing();
    if (stills === undefined) {
      const frame = room.enter(now());
      update();
      capture.hurry();
      return frame;
    }
    const judged = await stills.take();
    if (closed) throw closing();
    if (judged.answer instanceof Fault) throw judged.answer;
    note(judged);
    return judged.answer;
  };

  return {
    camera,
    wake: (forMs) => {
      awakeUntilMs = Math.max(awakeUntilMs, now() + Math.min(Math.max(0, forMs), WAKE_MS_MAX));
      update();
    },
    sleep: () => {
      awakeUntilMs = 0;
      update();
    },
    takePicture,
    onFrame: (listener) => subscribe(frameListeners, listener),
    onFault: announcer.onFault,
    record: (wanted) => {
      announcer.wellAt('camera.recording-failed');
      target = wanted;
      update();
      return () => {
        if (target !== wanted) return;
        target = undefined;
        update();
      };
    },
    teach,
    close: async () => {
      closed = true;
      room.fail(closing());
      update();
      stills?.close();
      await capture.close();
    },
  };
}

function closing(): Fault {
  return new Fault('camera.closing', 'the camera is being closed');
}
