// One camera behind its port: who holds it awake, who waits for a picture, what is told to whom.
import { Fault } from '@tapcase/domain';
import { CAPTURE_LIMITS, type CaptureLimits, createCapture } from './capture.ts';
import type { CameraSourceConfig, Frame, RecordingTarget, TeachableCamera } from './contract.ts';
import { thumbnailOf } from './picture.ts';
import { fetchStill } from './still-picture.ts';
import { createViewCheck, doubtFault, type Verdict } from './view-check.ts';

export interface SourceLimits extends CaptureLimits {
  /** For a picture that was asked for: a start, a key frame and one restart. */
  readonly pictureMs: number;
  /** Between the live pictures of a camera that serves stills. */
  readonly stillMs: number;
}

export const SOURCE_LIMITS: SourceLimits = { ...CAPTURE_LIMITS, pictureMs: 12_000, stillMs: 1_000 };

/** Longer than the longest visit; whoever needs more calls again. */
const WAKE_MS_MAX = 24 * 3_600_000;
/** Two nodes and two visits ask at once; hundreds are a loop in a flow. */
const WAITING_MAX = 16;
/** From the sensor to us: encoder, pipe, decoder. What arrives earlier after a call may have been seen before it. */
const LATENCY_MS = 200;

interface Waiting {
  readonly askedMs: number;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (fault: Fault) => void;
}

export function createCameraSource(
  config: CameraSourceConfig,
  limits: SourceLimits = SOURCE_LIMITS,
  now: () => number = Date.now,
): TeachableCamera {
  const { camera, address } = config;
  const check = createViewCheck(config);
  const waiting = new Set<Waiting>();
  const frameListeners = new Set<(frame: Frame) => void>();
  const faultListeners = new Set<(fault: Fault) => void>();
  const isStill = address.kind === 'http';
  let awakeUntilMs = 0;
  let target: RecordingTarget | undefined;
  let closed = false;
  let sleepTimer: NodeJS.Timeout | undefined;
  let stillTimer: NodeJS.Timeout | undefined;
  let judging: Promise<unknown> = Promise.resolve();
  let isJudging = false;
  let stillsAsked = 0;
  /** Faults told since the camera last was well. */
  const told = new Set<string>();

  const tell = (fault: Fault) => {
    if (told.has(fault.code)) return;
    told.add(fault.code);
    for (const listener of faultListeners) listener(fault);
  };
  const failWaiting = (fault: Fault) => {
    for (const { reject } of [...waiting]) reject(fault);
  };
  /** Judges in the order of arrival, tells everyone. Throws `camera.bad-picture`. */
  const judge = (encoded: Buffer, atMs: number): Promise<{ frame: Frame; verdict: Verdict }> => {
    const judged = judging.then(async () => {
      const verdict = await check.judge(await thumbnailOf(encoded), atMs);
      const frame: Frame = { encoded, camera, atMs, ...(verdict.doubt === undefined ? {} : { doubt: verdict.doubt }) };
      if (verdict.referenceFault !== undefined) tell(verdict.referenceFault);
      return { frame, verdict };
    });
    judging = judged.catch(() => {});
    return judged;
  };
  /** What somebody gets who asked for this picture. */
  const answer = ({ frame, verdict }: { frame: Frame; verdict: Verdict }): Frame | Fault =>
    frame.doubt === undefined || frame.doubt === 'covered' ? frame : doubtFault(camera, verdict, frame.doubt);
  const note = ({ frame, verdict }: { frame: Frame; verdict: Verdict }) => {
    if (frame.doubt === undefined) for (const code of WELL_AGAIN) told.delete(code);
    else tell(doubtFault(camera, verdict, frame.doubt));
  };
  const publish = (judged: { frame: Frame; verdict: Verdict }) => {
    note(judged);
    // Woken for one picture only, it gives that one to who asked and to nobody else.
    if (isAwake()) for (const listener of frameListeners) listener(judged.frame);
  };

  const onPicture = (encoded: Buffer) => {
    // A judgement takes milliseconds; should it not, the newest picture waits for none.
    if (isJudging || closed) return;
    isJudging = true;
    const atMs = now();
    judge(encoded, atMs)
      .then((judged) => {
        const given = answer(judged);
        for (const { askedMs, resolve, reject } of [...waiting]) {
          if (atMs - LATENCY_MS < askedMs) continue;
          if (given instanceof Fault) reject(given);
          else resolve(given);
        }
        publish(judged);
      })
      .catch((thrown: unknown) => tell(thrown as Fault))
      .finally(() => {
        isJudging = false;
      });
  };
  const capture = createCapture(
    config,
    {
      // Of a camera that serves stills only the video is captured.
      onPicture: isStill ? () => {} : onPicture,
      onFailure: (fault, hadPictures) => {
        // After a death in the middle, who waits gets the picture of the next start.
        if (!hadPictures && waiting.size > 0) failWaiting(fault);
        else tell(fault);
      },
      onRecordingFailure: tell,
    },
    limits,
  );

  const isAwake = () => now() < awakeUntilMs || target?.continuous === true;
  const update = () => {
    clearTimeout(sleepTimer);
    const awake = !closed && isAwake();
    if (awake && target?.continuous !== true) sleepTimer = setTimeout(update, awakeUntilMs - now());
    if (isStill) {
      capture.want(awake && target !== undefined ? { recording: target } : undefined);
      if (awake) stillTimer ??= setTimeout(lookOnce, 0);
    } else {
      capture.want(awake || (!closed && waiting.size > 0) ? { recording: target } : undefined);
    }
  };
  const still = async () => {
    const encoded = await fetchStill(address.kind === 'http' ? address.url : '');
    return judge(encoded, now());
  };
  /** A still camera's live pictures, one after the other. */
  const lookOnce = () => {
    if (closed || !isAwake()) {
      stillTimer = undefined;
      return;
    }
    still()
      .then((judged) => {
        if (!closed) publish(judged);
      })
      .catch((thrown: unknown) => tell(thrown as Fault))
      .finally(() => {
        stillTimer = !closed && isAwake() ? setTimeout(lookOnce, limits.stillMs) : undefined;
      });
  };

  const nextFrame = (): Promise<Frame> =>
    new Promise((resolve, reject) => {
      if (waiting.size >= WAITING_MAX) return reject(busy());
      const settle =
        <V>(finish: (value: V) => void) =>
        (value: V) => {
          clearTimeout(timer);
          waiting.delete(entry);
          finish(value);
          update();
        };
      const entry: Waiting = { askedMs: now(), resolve: settle(resolve), reject: settle(reject) };
      const timer = setTimeout(() => {
        entry.reject(new Fault('camera.stalled', `no picture within ${limits.pictureMs / 1000} s`));
      }, limits.pictureMs);
      waiting.add(entry);
      update();
      capture.hurry();
    });
  const takeStill = async (): Promise<Frame> => {
    if (stillsAsked >= WAITING_MAX) throw busy();
    stillsAsked += 1;
    const judged = await still().finally(() => {
      stillsAsked -= 1;
    });
    if (closed) throw closing();
    const given = answer(judged);
    if (given instanceof Fault) throw given;
    note(judged);
    return given;
  };

  return {
    camera,
    wake: (forMs) => {
      const untilMs = now() + Math.min(Math.max(0, forMs), WAKE_MS_MAX);
      awakeUntilMs = Math.max(awakeUntilMs, untilMs);
      update();
    },
    sleep: () => {
      awakeUntilMs = 0;
      update();
    },
    takePicture: () => (closed ? Promise.reject(closing()) : isStill ? takeStill() : nextFrame()),
    onFrame: (listener) => subscribe(frameListeners, listener),
    onFault: (listener) => subscribe(faultListeners, listener),
    record: (wanted) => {
      told.delete('camera.recording-failed');
      target = wanted;
      update();
      return () => {
        if (target !== wanted) return;
        target = undefined;
        update();
      };
    },
    teach: check.teach,
    close: async () => {
      closed = true;
      failWaiting(closing());
      update();
      clearTimeout(stillTimer);
      await capture.close();
    },
  };
}

/** What a good picture puts right. A card that is full is none of it. */
const WELL_AGAIN = [
  'camera.unreachable',
  'camera.stalled',
  'camera.bad-picture',
  'camera.no-program',
  'camera.covered',
  'camera.frozen',
  'camera.swapped',
];

function busy(): Fault {
  return new Fault('camera.busy', `${WAITING_MAX} pictures are awaited already`);
}

function closing(): Fault {
  return new Fault('camera.closing', 'the camera is being closed');
}

function subscribe<V>(listeners: Set<(value: V) => void>, listener: (value: V) => void): () => void {
  // One of its own, so that the same function twice is two subscriptions.
  const own = (value: V) => listener(value);
  listeners.add(own);
  return () => listeners.delete(own);
}
