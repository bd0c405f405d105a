// Runs spec files in a few processes at a time. Whatever a file does, end its process included, it has a result, and what it
// did not get to is counted against it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { TEST_HANG_MS } from '../../test/patience.ts';
import type { Cost, Failure, FileResult, Order, Told } from './messages.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');
/** Mocha's own limit ends a test that waits; only one that never comes back from its own loop is silent for longer. */
const SILENT_MS_MAX = 2 * TEST_HANG_MS;
/**
 * A worker makes and drops hundreds of WebAssembly machines, most in threads of their own. V8 sometimes dies of that (SIGSEGV) as it
 * frees their code and, where the processor has protection keys, as another thread runs it (nodejs/node#64500): no code is freed here.
 */
const WORKER_FLAGS = ['--no-wasm-code-gc', '--no-memory-protection-keys'];
/** A worker that has been told to end does so at once. */
const END_MS_MAX = 10_000;

export interface PoolOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Taken in this order. */
  readonly files: readonly string[];
  readonly workers: number;
  readonly onResult: (result: FileResult) => void;
  /** What went wrong in a worker while no file ran. */
  readonly onStray: (failure: Failure) => void;
}

export interface Pool {
  /** Resolves when every file has its result, or after `stop`. */
  readonly ended: Promise<void>;
  /** Ends the processes; files that have no result get none. */
  stop(): void;
}

export function startPool({ files, workers, onResult, ...rest }: PoolOptions): Pool {
  const queue = [...files];
  const running = new Set<Worker>();
  let stopped = false;

  async function work(): Promise<void> {
    let worker: Worker | undefined;
    for (let file = queue.shift(); file !== undefined && !stopped; file = queue.shift()) {
      worker ??= startWorker(rest);
      running.add(worker);
      const result = await worker.run(file);
      if (stopped) return;
      onResult(result);
      if (worker.isAlive()) continue;
      running.delete(worker);
      worker = undefined;
    }
    await worker?.end();
  }
  return {
    ended: Promise.all(Array.from({ length: workers }, work)).then(() => {}),
    stop: () => {
      stopped = true;
      for (const worker of running) worker.kill();
    },
  };
}

interface Worker {
  run(file: string): Promise<FileResult>;
  isAlive(): boolean;
  end(): Promise<void>;
  kill(): void;
}

/** What is known of the file that a worker runs. */
interface Running {
  tests: number;
  failedTests: number;
  readonly passed: string[];
  readonly skipped: string[];
  readonly failures: Failure[];
}

function startWorker({ env, onStray }: Pick<PoolOptions, 'env' | 'onStray'>): Worker {
  const child = fork(WORKER, [], {
    execArgv: [...process.execArgv, ...WORKER_FLAGS],
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const isAlive = () => child.exitCode === null && child.signalCode === null && child.connected;
  const kill = () => void child.kill('SIGKILL');
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let now: Running | undefined;
  let finish: (cost: Cost, reasons: readonly string[]) => void = () => {};
  let silence: NodeJS.Timeout | undefined;

  child.on('message', (told: Told) => {
    silence?.refresh();
    if (told.kind === 'done') finish(told.cost, told.reasons);
    else if (now !== undefined) note(now, told);
    else if (told.kind === 'failed') onStray(told.failure);
  });
  // Sending to one that has just died is no mistake: its death is the answer.
  child.on('error', () => {});
  const gone = once(child, 'exit').then(([code, signal]: unknown[]) => {
    now?.failures.push({ title: 'the run', text: `the process ended early (${signal ?? `exit code ${code}`})` });
    finish({ wallMs: 0, cpuMs: 0 }, []);
  });

  return {
    isAlive,
    kill,
    run: (file) =>
      new Promise((resolve) => {
        const running: Running = { tests: 0, failedTests: 0, passed: [], skipped: [], failures: [] };
        now = running;
        output = '';
        silence = setTimeout(() => {
          running.failures.push({ title: file, text: `silent for ${SILENT_MS_MAX / 60_000} minutes` });
          kill();
        }, SILENT_MS_MAX);
        finish = (cost, reasons) => {
          clearTimeout(silence);
          now = undefined;
          finish = () => {};
          const { tests, failedTests, passed, skipped, failures } = running;
          const missing = Math.max(0, tests - failedTests - passed.length - skipped.length);
          resolve({ file, passed, skipped, failures, missing, reasons, cost, output });
        };
        child.send({ kind: 'run', file } satisfies Order);
      }),
    end: async () => {
      if (!isAlive()) return;
      child.send({ kind: 'end' } satisfies Order);
      const timer = setTimeout(kill, END_MS_MAX);
      await gone;
      clearTimeout(timer);
    },
  };
}

function note(running: Running, told: Exclude<Told, { kind: 'done' }>): void {
  switch (told.kind) {
    case 'loaded':
      running.tests = told.tests;
      return;
    case 'passed':
      running.passed.push(told.title);
      return;
    case 'skipped':
      running.skipped.push(told.title);
      return;
    case 'failed':
      running.failures.push(told.failure);
      if (told.isTest) running.failedTests += 1;
      return;
    default:
      told satisfies never;
  }
}
