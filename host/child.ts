// Starts a child process of the shop, awaits its ready message, says in one sentence when it dies, and stops it.
import { type ChildProcess, fork } from 'node:child_process';
import { Fault } from '@tapcase/domain';

export interface ChildOptions {
  /** What the log and the sentences call it. */
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  /** All that the child may know; nothing of our own environment is handed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** The child ended although nobody asked it to. */
  readonly onCrash: (fault: Fault) => void;
}

export interface Child<Ready> {
  readonly ready: Ready;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A cold start of Node-RED or of the MicroPython VM on a slow machine. */
const READY_MS_MAX = 60_000;
/** After this a child that was asked to stop is killed; a shop stops three processes in turn. */
const STOP_MS_MAX = 15_000;

/** Resolves with what the child sent as `{ kind: 'ready', … }`. */
export async function startChild<Ready>(options: ChildOptions): Promise<Child<Ready>> {
  const child = fork(options.script, options.args ?? [], {
    env: { ...options.env, PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A Ctrl-C reaches the whole terminal group; detached children are stopped by us alone, in order.
    detached: process.platform !== 'win32',
  });
  eachLine(child.stdout, options.onLine);
  eachLine(child.stderr, options.onLine);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let stopping = false;
  const ready = await awaitReady<Ready>(child, options.name);
  child.once('exit', (code, signal) => {
    if (stopping) return;
    const how = signal === null ? `code ${code}` : signal;
    options.onCrash(new Fault('start.child-crashed', `The ${options.name} stopped unexpectedly (${how}).`));
  });
  return {
    ready,
    pid: child.pid!,
    stop: async () => {
      stopping = true;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      await ended;
      clearTimeout(timer);
    },
  };
}

function awaitReady<Ready>(child: ChildProcess, name: string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const finish = (action: () => void) => {
      clearTimeout(timer);
      child.off('exit', onExit);
      child.off('message', onMessage);
      action();
    };
    const fail = (fault: Fault) => finish(() => reject(fault));
    const onExit = (code: number | null) =>
      fail(new Fault('start.child-crashed', `The ${name} could not start (code ${code}); its last words are above.`));
    const onMessage = (message: unknown) => {
      if (typeof message !== 'object' || message === null || !('kind' in message)) return;
      if (message.kind === 'ready') finish(() => resolve(message as Ready));
      // The child says in one sentence why it cannot start.
      if (message.kind === 'failed')
        fail(new Fault('start.child-failed', (message as { reason?: string }).reason ?? name));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Fault('start.child-silent', `The ${name} was not ready within ${READY_MS_MAX / 1000} s.`));
    }, READY_MS_MAX);
    child.on('exit', onExit);
    child.on('message', onMessage);
  });
}

function eachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  });
}
