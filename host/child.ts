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
  /** Whatever it sends besides that it is ready or has failed. */
  readonly onMessage?: (message: unknown) => void;
  /** The child ended although nobody asked it to; `details.lastWords` are what it had written on stderr. */
  readonly onCrash: (fault: Fault) => void;
}

export interface Child<Ready> {
  readonly ready: Ready;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * A cold start of Node-RED or of the MicroPython VM. A child that dies is heard of at once, so this only ends one that hangs:
 * it is longer than a busy machine or a slow card ever needs.
 */
const READY_MS_MAX = 300_000;
/** After this a child that was asked to stop is killed; a shop stops three processes in turn. */
const STOP_MS_MAX = 15_000;

/** A stack and what led to it. */
const LAST_WORDS_MAX = 20;

/** Resolves with what the child sent as `{ kind: 'ready', … }`. */
export async function startChild<Ready>(options: ChildOptions): Promise<Child<Ready>> {
  const child = fork(options.script, options.args ?? [], {
    env: { ...options.env, PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A Ctrl-C reaches the whole terminal group; detached children are stopped by us alone, in order.
    detached: process.platform !== 'win32',
  });
  const lastWords: string[] = [];
  eachLine(child.stdout, options.onLine);
  eachLine(child.stderr, (line) => {
    lastWords.push(line);
    if (lastWords.length > LAST_WORDS_MAX) lastWords.shift();
    options.onLine(line);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let stopping = false;
  const ready = await awaitReady<Ready>(child, options.name, lastWords);
  child.on('message', (message) => options.onMessage?.(message));
  onSilence(child, (how) => {
    if (stopping) return;
    options.onCrash(
      new Fault('start.child-crashed', `The ${options.name} stopped unexpectedly (${how}).`, { lastWords }),
    );
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

/** What a child wrote last may still be in the pipe when it has ended; a child of its own may hold the pipe for ever. */
const LAST_WORDS_MS = 200;

/** Once, after the end and the last words; `how` it ended. Undone by calling the answer. */
function onSilence(child: ChildProcess, told: (how: string) => void): () => void {
  const onExit = (code: number | null, signal: string | null) => {
    const how = signal === null ? `code ${code}` : signal;
    const tell = () => {
      clearTimeout(timer);
      child.off('close', tell);
      told(how);
    };
    const timer = setTimeout(tell, LAST_WORDS_MS);
    child.once('close', tell);
  };
  child.once('exit', onExit);
  return () => child.off('exit', onExit);
}

function awaitReady<Ready>(child: ChildProcess, name: string, lastWords: readonly string[]): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const finish = (action: () => void) => {
      clearTimeout(timer);
      forget();
      child.off('message', onMessage);
      action();
    };
    const fail = (fault: Fault) => finish(() => reject(fault));
    const forget = onSilence(child, (how) => {
      fail(new Fault('start.child-crashed', `The ${name} could not start (${how}).`, { lastWords }));
    });
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
