// The recorder's life: records while the card allows it, answers for each visit once, says once what is wrong.
import { CLIPS_MAX, Fault, type FaultCode, type KeptClip } from '@tapcase/domain';
import type { CameraSource } from '../camera/contract.ts';
import { cardFault } from './card.ts';
import type { ClipMessage } from './contract.ts';
import { Footage } from './footage.ts';
import type { FootageOptions } from './footage-options.ts';
import { MS_PER_DAY } from './limits.ts';

export interface RecorderOptions extends FootageOptions {
  readonly source: CameraSource;
  readonly folder: string;
  readonly continuous: boolean;
  readonly preRollMs: number;
  readonly postRollMs: number;
  onKept(clip: KeptClip): void;
  onFault(fault: Fault): void;
  /** After each file, and when it begins to record. */
  onState(state: RecorderState): void;
}

export interface RecorderState {
  readonly bytes: number;
  readonly spanMs: number;
}

export interface Recorder {
  /** Reads the card and records. Resolves also where it cannot: that is told by `onFault` and tried again. */
  start(): Promise<void>;
  /** To be called every few seconds: puts on the card what was written, prunes, tries again what went wrong. */
  tick(): Promise<void>;
  /** Throws `recorder.unknown-clip`, `recorder.too-many-clips`. True where it did, or noted, something. */
  clip(message: ClipMessage): Promise<boolean>;
  close(): Promise<void>;
}

/** A flagged visit is asked for within a day, and a case that was away for longer has new ones by then. */
const PIN_AWAITED_MS = MS_PER_DAY;
/** After a full disk it records again only with that much more room than it must leave, or it would stop and go by turns. */
const RESUME_FACTOR = 1.25;
/** Every so many ticks the folder is listed, in case the system did not say that a file began. */
const TICKS_PER_LISTING = 12;

export function createRecorder(options: RecorderOptions): Recorder {
  const { card, camera, clock, source, folder, segmentSeconds, continuous, limits } = options;
  const footage = new Footage(options);
  let stopRecording: (() => void) | undefined;
  let trouble: FaultCode | undefined;
  let ticks = 0;
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** Messages, ticks and files that begin come when they like; the card is changed by one at a time. */
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(() => {
      footage.followClock();
      return work();
    });
    last = result.catch(() => {});
    return result;
  }

  function pause(): void {
    stopRecording?.();
    stopRecording = undefined;
  }

  /** Runs what touches the card; what the card refuses is told once, and recording waits for a tick that succeeds. */
  async function onCard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const fault = cardFault(thrown);
      pause();
      footage.loseOpen();
      if (fault.code === trouble) return;
      trouble = fault.code;
      options.onFault(fault);
    }
  }

  async function record(): Promise<void> {
    await card.check();
    await footage.index();
    await prune();
    await footage.rewrite();
    const isShort = (await card.freeBytes()) < limits.reserveBytes * RESUME_FACTOR;
    if (isClosed || (trouble === 'recorder.disk-full' && isShort)) return;
    const unwatch = card.watch((file) => {
      if (file !== undefined && !footage.isNews(file)) return;
      inOrder(() => onCard(() => fileBegan(file))).catch(options.onFault);
    });
    const stop = source.record({ folder, segmentSeconds, continuous });
    stopRecording = () => {
      unwatch();
      stop();
    };
    trouble = undefined;
    tellState();
  }

  async function fileBegan(file: string | undefined): Promise<void> {
    const files = file === undefined ? await card.list() : [file];
    for (const name of files) {
      if (!(await footage.fileBegan(name))) continue;
      await prune();
      await tellComplete();
      tellState();
    }
  }

  async function prune(): Promise<void> {
    const { evicted, full } = await footage.prune();
    for (const visit of evicted) {
      options.onFault(new Fault('recorder.pins-full', `no room for more pins: ${visit} is let go`, { visit, camera }));
    }
    if (full) throw new Fault('recorder.disk-full', 'the card is full, and not of video', { camera });
  }

  async function tellComplete(): Promise<void> {
    for (const clip of footage.complete()) {
      options.onKept(footage.kept(clip.visit, { fromMs: clip.fromMs, toMs: clip.toMs ?? clock.nowMs() }));
      await footage.forget(clip.visit);
    }
  }

  function tellState(): void {
    options.onState({ bytes: footage.bytes, spanMs: footage.spanMs() });
  }

  async function tick(): Promise<void> {
    if (isClosed) return;
    if (stopRecording === undefined) {
      await onCard(record);
      return tellComplete();
    }
    ticks += 1;
    await card.check();
    const wasClosed = await footage.followOpen();
    if (ticks % TICKS_PER_LISTING === 0) await fileBegan(undefined);
    await prune();
    await tellComplete();
    if (wasClosed) tellState();
  }

  async function begin(visit: string): Promise<boolean> {
    const running = footage.clips.filter((clip) => clip.visit !== visit);
    if (running.length < footage.clips.length) return false;
    if (running.length >= CLIPS_MAX) {
      throw new Fault('recorder.too-many-clips', `${CLIPS_MAX} visits are being recorded already`, {
        visit,
        max: CLIPS_MAX,
      });
    }
    const pinned = footage.awaited.some((pin) => pin.visit === visit && pin.untilMs > clock.nowMs());
    const fromMs = clock.nowMs() - options.preRollMs;
    await onCard(() => footage.putClip({ visit, fromMs, toMs: undefined, pinned, boot: clock.boot }));
    return true;
  }

  async function end(visit: string): Promise<boolean> {
    const clip = footage.clips.find((running) => running.visit === visit);
    if (clip === undefined) {
      // Told already, and asked for again.
      if (footage.ofVisit(visit).length === 0)
        throw new Fault('recorder.unknown-clip', `${visit} never began`, { visit });
      tellKept(visit);
      return true;
    }
    if (clip.toMs !== undefined) return false;
    await onCard(() => footage.putClip({ ...clip, toMs: clock.nowMs() + options.postRollMs }));
    // A file may have begun of which the system has not told yet.
    if (stopRecording !== undefined && !footage.isBeingWritten) await onCard(() => fileBegan(undefined));
    await onCard(tellComplete);
    return true;
  }

  async function pin(visit: string): Promise<boolean> {
    const clip = footage.clips.find((running) => running.visit === visit);
    if (clip !== undefined) {
      await onCard(() => footage.putClip({ ...clip, pinned: true }));
    } else if (footage.ofVisit(visit).length > 0) {
      await onCard(() => footage.pin(visit));
      await onCard(prune);
      tellKept(visit);
    } else {
      await onCard(() => footage.awaitPin({ visit, untilMs: clock.nowMs() + PIN_AWAITED_MS }));
      return false;
    }
    return true;
  }

  function tellKept(visit: string): void {
    options.onKept(footage.kept(visit, { fromMs: clock.nowMs(), toMs: clock.nowMs() }));
  }

  const actions = { begin, end, pin };
  return {
    start: () => inOrder(() => onCard(record)),
    tick: () => inOrder(() => onCard(tick)),
    clip: ({ visit, action }) => inOrder(() => actions[action](visit)),
    close: async () => {
      isClosed = true;
      pause();
      await last;
    },
  };
}
