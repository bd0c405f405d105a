// A process of the proof: forked, awaited, killed.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { runtimeEnvironment } from '../host/demo-environment.ts';

export interface Running {
  readonly child: ChildProcess;
  /** Resolves with how it ended. */
  readonly ended: Promise<void>;
  /** False when it ended before it was ready. */
  readonly ready: Promise<boolean>;
  kill(): Promise<void>;
}

export interface ProcessOptions {
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly preload?: string;
  readonly onLine?: (line: string) => void;
}

export function start({ script, args = [], env = {}, preload, onLine }: ProcessOptions): Running {
  const child = fork(script, [...args], {
    // A zone, or a false clock, is that of all its processes.
    env: { ...env, ...runtimeEnvironment(process.env), PATH: process.env.PATH ?? '' },
    execArgv: preload === undefined ? [] : ['--import', preload],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.trim() !== '') onLine?.(line);
    });
  }
  const ended = once(child, 'exit').then(() => undefined);
  const ready = Promise.race([
    new Promise<boolean>((resolve) => {
      child.on('message', (message: { kind?: string; reason?: string }) => {
        if (message.kind === 'ready') resolve(true);
        if (message.kind !== 'failed') return;
        onLine?.(String(message.reason));
        resolve(false);
      });
    }),
    ended.then(() => false),
  ]);
  return {
    child,
    ended,
    ready,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
