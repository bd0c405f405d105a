// Starts a process of the shop and starts it again whenever it dies or stands still, as systemd does on the Pi.
import { Fault } from '@tapcase/domain';
import { type Child, type ChildOptions, startChild } from './child.ts';

/** Before the first start after a death, the second in a row, ...: a mistake that comes back at once must not eat the machine. */
const PAUSES_MS = [0, 1_000, 2_000, 4_000, 8_000] as const;
/** Whoever was ready for so long had put right what killed the one before. */
const WELL_MS = 60_000;
/**
 * Starts in a row that do not get as far as ready: it will not live, and whoever started it must hear of it. One that does get
 * ready is started again for ever: else who finds a way to end it could end it for good.
 */
const FAILED_STARTS_MAX = 5;

/** Standing still so often within the window is no accident: what it does then, it does each time. */
const HANGS_MAX = 2;
const HANGS_WINDOW_MS = 600_000;

export interface KeepAliveOptions extends Omit<ChildOptions, 'signal'> {
  /** It died, and is started again after `pauseMs`; `fault` says how. */
  readonly onAgain: (fault: Fault, pauseMs: number) => void;
  /** It is ready, for the first time or again. */
  readonly onReady?: (pid: number) => void;
  /** It is ready again. */
  readonly onBack: () => void;
  /** It cannot be brought back. */
  readonly onCrash: (fault: Fault) => void;
  /** Laid over its environment from the start after the second time that it stood still: without what may have hung it. */
  readonly carefulEnv?: Readonly<Record<string, string>>;
  /** `PAUSES_MS`, for a test. */
  readonly pausesMs?: readonly number[];
}

export interface KeptAlive {
  /** Rejects where it cannot be started at all: at once when it said why, as no other start would mend that. */
  readonly ready: Promise<void>;
  /** Ends it, does what can only be done while it is away, and starts it again. False where it is away already. */
  around(work: () => void): Promise<boolean>;
  stop(): Promise<void>;
}

export function keepAlive({ pausesMs = PAUSES_MS, ...options }: KeepAliveOptions): KeptAlive {
  const abort = new AbortController();
  let child: Child<unknown> | undefined;
  let bornMs = performance.now();
  let deaths = 0;
  let hungAtMs: number[] = [];
  /** Until whoever started us starts us again. */
  let isCareful = false;
  let underWay: Promise<unknown>;

  const begin = async () => {
    const env = isCareful ? { ...options.env, ...options.carefulEnv } : options.env;
    child = await startChild({ ...options, env, signal: abort.signal, onCrash: died });
    bornMs = performance.now();
    options.onLine(`runs as process ${child.pid}`, false);
    options.onReady?.(child.pid);
  };
  function died(fault: Fault): void {
    if (abort.signal.aborted) return;
    child = undefined;
    const nowMs = performance.now();
    if (nowMs - bornMs > WELL_MS) deaths = 0;
    if (fault.code === 'start.child-hung') {
      hungAtMs = [...hungAtMs.filter((atMs) => nowMs - atMs < HANGS_WINDOW_MS), nowMs];
      isCareful ||= hungAtMs.length >= HANGS_MAX;
    }
    underWay = comeBack(fault).then((last) => {
      if (last !== undefined && last !== STOPPED) options.onCrash(last);
    });
  }
  /** Undefined once it is ready again, else the fault of the last start. `failed`: starts in a row before this one. */
  async function comeBack(first: Fault, failed = 0): Promise<Fault | undefined> {
    for (let fault = first; !abort.signal.aborted; ) {
      const pauseMs = pausesMs[Math.min(deaths, pausesMs.length - 1)]!;
      deaths += 1;
      const when = pauseMs === 0 ? '' : ` in ${pauseMs / 1000} s`;
      options.onLine(`${fault.message} It is started again${when}.`, true);
      options.onAgain(fault, pauseMs);
      await pause(pauseMs, abort.signal);
      if (abort.signal.aborted) break;
      try {
        await begin();
        options.onBack();
        return undefined;
      } catch (thrown) {
        fault = asFault(thrown);
        failed += 1;
        if (failed >= FAILED_STARTS_MAX) return lastWord(fault, failed);
      }
    }
    return STOPPED;
  }
  const firstStart = async () => {
    const fault = await begin().then(
      () => undefined,
      (thrown: unknown) => asFault(thrown),
    );
    if (fault === undefined) return;
    // What it could name, such as a variable that is missing, a second start would meet again.
    const last = fault.details.code === undefined ? await comeBack(fault, 1) : fault;
    if (last !== undefined) throw last;
  };

  const ready = firstStart();
  underWay = ready.catch(() => {});
  return {
    ready,
    around: async (work) => {
      const ending = child;
      if (ending === undefined || abort.signal.aborted) return false;
      child = undefined;
      const turn = async () => {
        await ending.stop();
        try {
          work();
        } finally {
          // Whatever became of the work: who was to be kept alive is started.
          const fault = await begin().then(
            () => undefined,
            (thrown: unknown) => comeBack(asFault(thrown), 1),
          );
          if (fault !== undefined && fault !== STOPPED) options.onCrash(fault);
          else if (fault === undefined) options.onBack();
        }
      };
      const done = turn();
      underWay = done.catch(() => {});
      await done;
      return true;
    },
    stop: async () => {
      abort.abort();
      await underWay;
      await child?.stop();
    },
  };
}

const STOPPED = new Fault('start.stopped', 'It was stopped before it was ready.');

function lastWord({ code, message, details, cause }: Fault, starts: number): Fault {
  return new Fault(code, `${message} It was tried ${starts} times in a row.`, details, cause);
}

function asFault(thrown: unknown): Fault {
  return thrown instanceof Fault ? thrown : new Fault('start.child-crashed', String(thrown), {}, thrown);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over);
  });
}
