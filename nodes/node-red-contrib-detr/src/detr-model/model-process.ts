// Owns the process that pictures wait for: one picture at a time, a process that hangs or dies is replaced. Every picture
// is answered, with what is in it or with why not.
//
// A process and not a thread: ending a thread while ONNX Runtime loads or runs aborts all of Node-RED (its addon throws
// where nothing can catch it), and so would any crash of the runtime. A process can be ended at any moment.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '@tapcase/domain';
import type { Detector, DetrModelConfig, DetrRequest, DetrResult } from './contract.ts';
import type { WorkerAnswer, WorkerRequest } from './messages.ts';
import { waitingLine } from './waiting.ts';

/** DETR takes 8 to 14 s a picture on a Pi 4, and the first one may wait for 170 MB from a slow card. */
const RUN_MS_MAX = 60_000;
/** Enough to tell models apart in a report of 1 kB. */
const MODEL_DIGITS = 12;
/** The same extension as this file: `.ts` from the sources, `.js` once built. */
const WORKER = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
/** What a process needs to start. The rest of the environment holds keys, and a model has no use for them. */
const ENVIRONMENT = ['PATH', 'LD_LIBRARY_PATH', 'HOME', 'TMPDIR', 'SystemRoot'];

/**
 * Megabytes. Pictures and tensors are outside of the heap, which needs 20; left alone it would fill 200 before it frees what
 * libvips and the runtime hold (measured over 20,000 JPEGs: 309 MB for the whole process, 140 with this).
 */
const SMALL_HEAP = ['--max-semi-space-size=1', '--max-old-space-size=96'];

/** What a test replaces. */
export interface ProcessOptions {
  /** For one picture; asked before each. */
  readonly runMsMax?: () => number;
  readonly start?: (config: ModelFiles) => ChildProcess;
}

/** What of a model’s settings its process needs. */
type ModelFiles = Pick<DetrModelConfig, 'folder' | 'threads'>;

interface Job extends DetrRequest {
  readonly id: number;
  readonly askedMs: number;
  readonly resolve: (result: DetrResult) => void;
  readonly reject: (fault: unknown) => void;
}

export function modelProcess(
  config: ModelFiles,
  { runMsMax = () => RUN_MS_MAX, start = startWorker }: ProcessOptions = {},
): Detector {
  const waiting = waitingLine<Job>();
  let busy = false;
  let closed = false;
  let nextId = 1;
  // At Deploy, so that the first customer does not wait for the model to load.
  let worker: ChildProcess | undefined = watched(start(config));

  const run = async (job: Job): Promise<void> => {
    worker ??= watched(start(config));
    const running = worker;
    try {
      const answer = await answerOf(running, job, runMsMax());
      if (answer.kind === 'fault') throw new Fault(answer.code, answer.message);
      job.resolve(resultOf(answer, performance.now() - job.askedMs));
    } catch (fault) {
      job.reject(closed ? closing() : fault);
      if (!(fault instanceof Fault) || !DEADLY.has(fault.code)) return;
      worker = undefined;
      // Waited for: two models at once would not fit into a Pi's memory.
      await end(running);
    }
  };

  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let job = waiting.next(); job !== undefined; job = waiting.next()) await run(job);
    busy = false;
  };

  return {
    detect: (request) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closing());
        const job = { ...request, id: nextId, askedMs: performance.now(), resolve, reject };
        nextId += 1;
        waiting.add(job)?.reject(superseded());
        void pump();
      }),
    close: async () => {
      closed = true;
      for (const job of waiting.clear()) job.reject(closing());
      if (worker !== undefined) await end(worker);
    },
  };
}

function resultOf({ id: _, kind: __, ...seen }: WorkerAnswer & { kind: 'detected' }, ms: number): DetrResult {
  const { decodeMs, preprocessMs, inferMs, postprocessMs } = seen.stages;
  const waitMs = Math.max(0, Math.round((ms - decodeMs - preprocessMs - inferMs - postprocessMs) * 10) / 10);
  const model = seen.sha256.slice(0, MODEL_DIGITS);
  return { ...seen, model, ms: Math.round(ms), stages: { waitMs, ...seen.stages } };
}

/** After these the process is of no use any more. */
const DEADLY: ReadonlySet<string> = new Set(['detr.timeout', 'detr.crashed']);

function startWorker({ folder, threads }: ModelFiles): ChildProcess {
  return fork(WORKER, [folder, String(threads)], {
    // Pictures as bytes, not as JSON.
    serialization: 'advanced',
    env: Object.fromEntries(ENVIRONMENT.map((name) => [name, process.env[name]])),
    // Not Node-RED's own: a debugger's port belongs to that one.
    execArgv: SMALL_HEAP,
  });
}

/** A process that keeps no other alive, and whose death between two pictures ends nothing but itself. */
function watched(worker: ChildProcess): ChildProcess {
  worker.on('error', () => {});
  worker.unref();
  worker.channel?.unref();
  return worker;
}

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

async function end(worker: ChildProcess): Promise<void> {
  if (hasEnded(worker)) return;
  const ended = once(worker, 'exit');
  worker.ref();
  // SIGTERM waits for the event loop, which a run may block for half a minute; there is nothing to save.
  worker.kill('SIGKILL');
  await ended;
}

function answerOf(worker: ChildProcess, { id, picture, threshold }: Job, limitMs: number): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      finish();
    };
    const crashed = (reason: string) => reject(new Fault('detr.crashed', `the detector's process ended: ${reason}`));
    const onMessage = (said: unknown) => {
      const answer = said as WorkerAnswer;
      if (answer.id === id) settle(() => resolve(answer));
    };
    const onError = (error: Error) => settle(() => crashed(error.message));
    const onExit = (code: number | null, signal: string | null) => settle(() => crashed(`${signal ?? `code ${code}`}`));
    const timer = setTimeout(() => {
      settle(() => reject(new Fault('detr.timeout', `no answer within ${limitMs / 1000} s`)));
    }, limitMs);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    // Node tells no exit twice: a process that died between two pictures is asked for.
    if (hasEnded(worker)) return settle(() => crashed('between two pictures'));
    worker.send({ id, picture, threshold } satisfies WorkerRequest, (error) => {
      if (error !== null) onError(error);
    });
  });
}

function superseded(): Fault {
  return new Fault('detr.superseded', 'newer pictures took the place of this one');
}

function closing(): Fault {
  return new Fault('detr.closing', 'the model is being closed');
}
