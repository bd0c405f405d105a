// Who waits for a picture of a running capture: not too many, not too long, and only for one taken after they asked.
import { Fault } from '@tapcase/domain';
import type { Frame } from './contract.ts';

/** Two nodes and two visits ask at once; hundreds are a loop in a flow. */
export const WAITING_MAX = 16;
/** From the sensor to us: encoder, pipe, decoder. What arrives earlier after a call may have been seen before it. */
const LATENCY_MS = 200;

export interface WaitingRoom {
  isEmpty(): boolean;
  /** Throws `camera.busy` or `camera.stalled`, or what `fail` says. */
  enter(askedMs: number): Promise<Frame>;
  /** Everyone who asked early enough for a picture that arrived at `atMs` gets it, or the reason why not. */
  serve(atMs: number, given: Frame | Fault): void;
  fail(fault: Fault): void;
}

interface Waiting {
  readonly askedMs: number;
  readonly settle: (given: Frame | Fault) => void;
}

/** `onLeave` is called whenever somebody has got an answer. */
export function createWaitingRoom(waitMsMax: number, onLeave: () => void): WaitingRoom {
  const waiting = new Set<Waiting>();
  return {
    isEmpty: () => waiting.size === 0,
    enter: (askedMs) =>
      new Promise((resolve, reject) => {
        if (waiting.size >= WAITING_MAX) return reject(busy());
        const timer = setTimeout(() => {
          entry.settle(new Fault('camera.stalled', `no picture within ${waitMsMax / 1000} s`));
        }, waitMsMax);
        const entry: Waiting = {
          askedMs,
          settle: (given) => {
            clearTimeout(timer);
            waiting.delete(entry);
            if (given instanceof Fault) reject(given);
            else resolve(given);
            onLeave();
          },
        };
        waiting.add(entry);
      }),
    serve: (atMs, given) => {
      for (const { askedMs, settle } of [...waiting]) if (atMs - LATENCY_MS >= askedMs) settle(given);
    },
    fail: (fault) => {
      for (const { settle } of [...waiting]) settle(fault);
    },
  };
}

export function busy(): Fault {
  return new Fault('camera.busy', `${WAITING_MAX} pictures are awaited already`, { max: WAITING_MAX });
}
