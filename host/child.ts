// Starts a child process of the shop, awaits its ready message, says in one sentence when it dies, and stops it.
import { type ChildProcess, fork } from 'node:child_process';
import { Fault } from '@tapcase/domain';
import { isBeat, type Listening, listenForBeats } from './heartbeat.ts';

export interface ChildOptions {
  /** What the log and the sentences call it. */
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  /** All that the child may know; nothing of our own environment is handed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string, isError: boolean) => void;
  /** Milliseconds without a heartbeat after which it is ended, once it was ready; not set: it sends none. */
  readonly hungMs?: number;
  /** Asked to stop before it is ready. */
  readonly signal?: AbortSignal;
  /** Whatever it sends besides that it is ready or has failed. */
  readonly onMessage?: (message: unknown) => void;
  /** The child ended although nobody asked it to, or stood still and was ended; `details.lastWords`: what it had written on stderr. */
  readonly onCrash: (fault: Fault) => void;
}

export interface Child<Ready> {
  readonly ready: Ready;
  readonly pid: number;
  /** Nothing where it is gone. */
  say(message: object): void;
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
  eachLine(child.stdout, (line) => options.onLine(line, false));
  eachLine(child.stderr, (line) => {
    lastWords.push(line);
    if (lastWords.length > LAST_WORDS_MAX) lastWords.shift();
    options.onLine(line, true);
  });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      endGroup(child);
      resolve();
    }),
  );
  let stopping = false;
  const stop = async () => {
    stopping = true;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  };
  const giveUp = () => void stop();
  options.signal?.addEventListener('abort', giveUp);
  const ready = await awaitReady<Ready>(child, options.name, lastWords).finally(() =>
    options.signal?.removeEventListener('abort', giveUp),
  );
  const watch = watchHeart(child, options.hungMs);
  child.on('message', (message) => {
    if (isBeat(message)) watch?.heard();
    else options.onMessage?.(message);
  });
  onSilence(child, (how) => {
    watch?.stop();
    if (stopping) return;
    const { name } = options;
    options.onCrash(
      watch?.isHung() === true
        ? new Fault('start.child-hung', `The ${name} stood still for ${seconds(options.hungMs!)} and was ended.`, {
            lastWords,
          })
        : new Fault('start.child-crashed', `The ${name} stopped unexpectedly (${how}).`, { lastWords }),
    );
  });
  return { ready, pid: child.pid!, say: (message) => void (child.connected && child.send(message)), stop };
}

/** What it started itself and left behind, such as a program that holds a camera: the next one could not have it. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (thrown) {
    // Nobody is left.
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}

/** Ends a child whose loop no longer turns: it would hear no SIGTERM. */
function watchHeart(child: ChildProcess, hungMs: number | undefined): (Listening & { isHung(): boolean }) | undefined {
  if (hungMs === undefined) return undefined;
  let isHung = false;
  const listening = listenForBeats(child.pid!, hungMs, () => {
    isHung = true;
    child.kill('SIGKILL');
  });
  return { ...listening, isHung: () => isHung };
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
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
      // The child says in one sentence why it cannot start; with the code of a fault where it was one.
      if (message.kind === 'failed') {
        const { reason = name, code } = message as { readonly reason?: string; readonly code?: string };
        fail(new Fault('start.child-failed', reason, code === undefined ? {} : { code }));
      }
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
  stream?.once('end', () => {
    if (rest.trim() !== '') onLine(rest);
  });
}
