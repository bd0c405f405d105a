// Follows a line for as long as it is wanted: opens it, hears its levels, and tries again whenever it is lost.
import { Fault } from '@tapcase/domain';
import { type GpioInput, inverted, type Level, type LineAddress, type Pins } from './line.ts';
import { readStream, unreachable } from './line-stream.ts';

export interface LineListener {
  /** Each level that was heard and has stood still for `debounceMs`, also one that is no change. */
  readonly onLevel: (level: Level) => void;
  /** Once in an outage. */
  readonly onLost: (fault: Fault) => void;
}

export interface FollowOptions {
  readonly line: Exclude<LineAddress, { kind: 'none' }>;
  readonly debounceMs: number;
  readonly isActiveLow: boolean;
  readonly pins: Pins;
  /** How often an open pin is read besides its edges; tests ask sooner. */
  readonly checkMs?: number;
}

const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 10_000;
/** A pin that was taken away gives no edge; neither does one whose edge was lost. */
const CHECK_MS = 5_000;

/** Runs until the returned function is called. */
export function followLine(options: FollowOptions, { onLevel, onLost }: LineListener): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const settle = debounce(options.debounceMs, signal, onLevel);
  void (async () => {
    let waitMs = RETRY_MS_MIN;
    let failures = 0;
    while (!signal.aborted) {
      const fault = await listen(options, signal, (level) => {
        waitMs = RETRY_MS_MIN;
        failures = 0;
        settle(inverted(level, options.isActiveLow));
      });
      if (signal.aborted) return;
      failures += 1;
      // A line that is back at the first try was no outage.
      if (failures === 2) onLost(fault);
      await pause(waitMs, signal);
      waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
    }
  })();
  return () => abort.abort();
}

/** Returns why the line is no longer heard. Never throws: whatever happens, the next try is the answer. */
async function listen(options: FollowOptions, signal: AbortSignal, onLevel: (level: Level) => void): Promise<Fault> {
  const { line, pins, checkMs = CHECK_MS } = options;
  try {
    if (line.kind === 'simulated') {
      await readStream(line.url, signal, onLevel);
      return unreachable('the stream ended');
    }
    const input = await pins.openInput(line.bcm);
    try {
      await watchPin(input, checkMs, signal, onLevel);
    } finally {
      input.close();
    }
    return new Fault('gpio.lost', `GPIO ${line.bcm} is no longer watched`);
  } catch (cause) {
    if (cause instanceof Fault) return cause;
    if (line.kind === 'simulated') return unreachable('no answer', cause);
    const code = (cause as NodeJS.ErrnoException | null)?.code ?? 'unknown reason';
    return new Fault('gpio.lost', `GPIO ${line.bcm} can no longer be read (${code})`, { bcm: line.bcm, code }, cause);
  }
}

/** Resolves when it is no longer wanted, rejects when the pin is lost. */
async function watchPin(
  input: GpioInput,
  checkMs: number,
  signal: AbortSignal,
  onLevel: (level: Level) => void,
): Promise<void> {
  let isLost = false;
  let cause: unknown;
  const round = new AbortController();
  const ended = AbortSignal.any([signal, round.signal]);
  const unwatch = input.watch(onLevel, (error) => {
    isLost = true;
    cause = error;
    round.abort();
  });
  try {
    while (!signal.aborted) {
      // Read after the watch has begun, so that no edge falls between the two.
      const level = await input.read();
      if (isLost) throw cause;
      onLevel(level);
      await pause(checkMs, ended);
      if (isLost) throw cause;
    }
  } finally {
    unwatch();
  }
}

/** A level counts once it has not changed for `ms`; 0: at once. */
function debounce(ms: number, signal: AbortSignal, onLevel: (level: Level) => void): (level: Level) => void {
  if (ms === 0) return onLevel;
  let pending: { readonly level: Level; readonly timer: NodeJS.Timeout } | undefined;
  let settled: Level | undefined;
  signal.addEventListener('abort', () => clearTimeout(pending?.timer));
  return (level) => {
    if (pending === undefined && level === settled) return onLevel(level);
    if (pending?.level === level) return;
    clearTimeout(pending?.timer);
    const timer = setTimeout(() => {
      pending = undefined;
      settled = level;
      onLevel(level);
    }, ms);
    pending = { level, timer };
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
