// Owns the worker: starts it at the first picture, bounds what waits for it, starts another when it dies.
import { Worker } from 'node:worker_threads';
import { Fault } from '@tapcase/domain';
import type { DetrModel, DetrModelConfig, DetrResult } from './contract.ts';
import type { WorkerAnswer, WorkerRequest } from './messages.ts';

/** Two cameras before and after are four; a longer queue would only make every answer late. */
const WAITING_MAX = 8;
/** DETR takes 8 to 14 s a frame on a Pi 4, and eight may be waiting. */
const ANSWER_MS_MAX = 120_000;

interface Waiting {
  readonly startedMs: number;
  readonly resolve: (result: DetrResult) => void;
  readonly reject: (fault: Fault) => void;
  readonly timer: NodeJS.Timeout;
}

export function modelThread(config: DetrModelConfig): DetrModel {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let nextId = 1;

  const settle = (id: number, finish: (entry: Waiting) => void) => {
    const entry = waiting.get(id);
    if (entry === undefined) return;
    waiting.delete(id);
    clearTimeout(entry.timer);
    finish(entry);
  };

  const start = (): Worker => {
    const started = new Worker(new URL('./worker.js', import.meta.url), { workerData: config });
    started.on('message', (answer: WorkerAnswer) => settle(answer.id, (entry) => deliver(entry, answer)));
    const die = (reason: string) => {
      if (worker === started) worker = undefined;
      for (const id of [...waiting.keys()]) {
        settle(id, ({ reject }) => reject(new Fault('detr.crashed', `the detector's thread ended: ${reason}`)));
      }
    };
    started.on('error', (error) => die(error instanceof Error ? error.message : String(error)));
    started.on('exit', (code) => die(`code ${code}`));
    started.unref();
    return started;
  };

  return {
    detect: (image, threshold) =>
      new Promise((resolve, reject) => {
        if (waiting.size >= WAITING_MAX) {
          reject(new Fault('detr.busy', `${WAITING_MAX} pictures are waiting already`));
          return;
        }
        worker ??= start();
        const id = nextId;
        nextId += 1;
        const timer = setTimeout(() => {
          settle(id, (entry) => entry.reject(new Fault('detr.timeout', `no answer within ${ANSWER_MS_MAX / 1000} s`)));
        }, ANSWER_MS_MAX);
        waiting.set(id, { startedMs: performance.now(), resolve, reject, timer });
        worker.postMessage({ id, image, threshold } satisfies WorkerRequest);
      }),
    close: async () => {
      await worker?.terminate();
    },
  };
}

function deliver({ startedMs, resolve, reject }: Waiting, answer: WorkerAnswer): void {
  if (answer.kind === 'fault') reject(new Fault(answer.code, answer.message));
  else resolve({ model: answer.model, boxes: answer.boxes, ms: Math.round(performance.now() - startedMs) });
}
