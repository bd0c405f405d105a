// Owns the pictures that wait and the thread they wait for: one picture at a time, the latest win, a thread that hangs or
// dies is replaced. Every picture is answered, with what is in it or with why not.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Fault, type RgbImage } from '@tapcase/domain';
import type { DetrModel, DetrModelConfig, DetrResult } from './contract.ts';
import type { WorkerAnswer, WorkerRequest, WorkerSetup } from './messages.ts';

/** Two cameras before and after are four, of two visits eight; a longer queue would only make every answer late. */
const WAITING_MAX = 8;
/** DETR takes 8 to 14 s a picture on a Pi 4, and the first one may wait for 170 MB from a slow card. */
const RUN_MS_MAX = 60_000;
/** The same extension as this file: `.ts` from the sources, `.js` once built. */
const WORKER = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/** What a test replaces. */
export interface ThreadOptions {
  readonly runMsMax?: number;
  readonly start?: (setup: WorkerSetup) => Worker;
}

interface Job {
  readonly id: number;
  readonly image: RgbImage;
  readonly threshold: number;
  readonly askedMs: number;
  readonly resolve: (result: DetrResult) => void;
  readonly reject: (fault: unknown) => void;
}

export function modelThread(
  setup: DetrModelConfig,
  { runMsMax = RUN_MS_MAX, start = startWorker }: ThreadOptions = {},
): DetrModel {
  const waiting: Job[] = [];
  let busy = false;
  let closed = false;
  let nextId = 1;
  // At Deploy, so that the first customer does not wait for the model to load.
  let worker: Worker | undefined = watched(start(setup));

  const run = async (job: Job): Promise<void> => {
    worker ??= watched(start(setup));
    const running = worker;
    try {
      const answer = await answerOf(running, job, runMsMax);
      if (answer.kind === 'fault') throw new Fault(answer.code, answer.message);
      job.resolve({ model: answer.model, boxes: answer.boxes, ms: Math.round(performance.now() - job.askedMs) });
    } catch (fault) {
      job.reject(closed ? closing() : fault);
      if (!(fault instanceof Fault) || !DEADLY.has(fault.code)) return;
      worker = undefined;
      // Waited for: two models at once would not fit into a Pi's memory.
      await running.terminate();
    }
  };

  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await run(job);
    busy = false;
  };

  return {
    detect: (image, threshold) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closing());
        if (waiting.length >= WAITING_MAX) waiting.shift()?.reject(superseded());
        waiting.push({ id: nextId, image, threshold, askedMs: performance.now(), resolve, reject });
        nextId += 1;
        void pump();
      }),
    close: async () => {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(closing());
      await worker?.terminate();
    },
  };
}

/** After these the thread is of no use any more. */
const DEADLY: ReadonlySet<string> = new Set(['detr.timeout', 'detr.crashed']);

function startWorker(setup: WorkerSetup): Worker {
  return new Worker(WORKER, { workerData: setup });
}

/** A thread that keeps no process alive, and whose death between two pictures ends nothing but itself. */
function watched(worker: Worker): Worker {
  worker.on('error', () => {});
  worker.unref();
  return worker;
}

function answerOf(worker: Worker, { id, image, threshold }: Job, limitMs: number): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      finish();
    };
    const crashed = (reason: string) => reject(new Fault('detr.crashed', `the detector's thread ended: ${reason}`));
    const onMessage = (answer: WorkerAnswer) => answer.id === id && settle(() => resolve(answer));
    const onError = (error: unknown) => settle(() => crashed(String(error)));
    const onExit = (code: number) => settle(() => crashed(`code ${code}`));
    const timer = setTimeout(() => {
      settle(() => reject(new Fault('detr.timeout', `no answer within ${limitMs / 1000} s`)));
    }, limitMs);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    // Node tells no exit twice: a thread that died between two pictures has no number any more.
    if (worker.threadId === -1) onExit(1);
    else worker.postMessage({ id, image, threshold } satisfies WorkerRequest);
  });
}

function superseded(): Fault {
  return new Fault('detr.superseded', 'newer pictures took the place of this one');
}

function closing(): Fault {
  return new Fault('detr.closing', 'the model is being closed');
}
