// The time that a simulated board lives in: the real one, or one that jumps from timer to timer.

export interface Clock {
  nowMs(): number;
  /** Milliseconds since 1970. */
  dateMs(): number;
  /** Calls back once; the result cancels. */
  after(ms: number, call: () => void): () => void;
  /** The same for the program of a board, which must bear that it comes a little late. */
  afterAbout(ms: number, call: () => void): () => void;
}

export const REAL_CLOCK: Clock = {
  nowMs: () => performance.now(),
  dateMs: Date.now,
  after: inRealTime,
  afterAbout: inRealTime,
};

function inRealTime(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

/** JavaScript's own timers, with this clock behind them. */
export function timersOf(clock: Clock) {
  const waiting = new Map<number, () => void>();
  let count = 0;
  return {
    setTimeout: (call: () => void, ms = 0): number => {
      const number = ++count;
      const fire = () => {
        waiting.delete(number);
        call();
      };
      waiting.set(number, clock.afterAbout(ms, fire));
      return number;
    },
    clearTimeout: (number: number): void => {
      waiting.get(number)?.();
      waiting.delete(number);
    },
  };
}

interface Timer {
  readonly atMs: number;
  readonly number: number;
  readonly call: () => void;
  readonly life: Life;
  cancelled: boolean;
}

/** Whose timers they are: those of one that has ended never fire. */
interface Life {
  over: boolean;
}

/** A clock of its own for something that can be killed: the time is the same, its timers die with it. */
export interface MortalClock extends Clock {
  readonly over: boolean;
  end(): void;
}

/** Starts somewhere in 2026, so that what reads the date finds a plausible one. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Deterministic: nothing happens but in `advance`, and then as fast as the machine can. */
export class VirtualClock implements Clock {
  private time = 0;
  private count = 0;
  /** What was asked for with `after`: always in time. */
  private readonly exact = new TimerHeap();
  /** What was asked for with `afterAbout`: in time, or a little late. */
  private readonly lazy = new TimerHeap();
  private readonly forever: Life = { over: false };
  private readonly lagMs: () => number;

  /** `lagMs` says how late `afterAbout` may be now: a loop at rest that wakes less often is simulated faster. */
  constructor(lagMs: () => number = () => 0) {
    this.lagMs = lagMs;
  }

  nowMs(): number {
    return this.time;
  }

  dateMs(): number {
    return EPOCH_MS + this.time;
  }

  after(ms: number, call: () => void): () => void {
    return this.add(this.exact, this.forever, ms, call);
  }

  afterAbout(ms: number, call: () => void): () => void {
    return this.add(this.lazy, this.forever, ms, call);
  }

  /** The same time for something that can be killed. */
  mortal(): MortalClock {
    const life: Life = { over: false };
    return {
      get over() {
        return life.over;
      },
      end: () => {
        life.over = true;
      },
      nowMs: () => this.nowMs(),
      dateMs: () => this.dateMs(),
      after: (ms, call) => this.add(this.exact, life, ms, call),
      afterAbout: (ms, call) => this.add(this.lazy, life, ms, call),
    };
  }

  /** Runs every timer of the next `ms`. `settle` is awaited after each, for whoever works in promises beside the board. */
  async advance(ms: number, settle?: () => Promise<void> | undefined): Promise<void> {
    const untilMs = this.time + ms;
    for (;;) {
      const heap = this.next(untilMs);
      if (heap === undefined) break;
      const timer = heap.take();
      if (timer.life.over || timer.cancelled) continue;
      this.time = Math.max(this.time, this.dueMs(heap, timer));
      timer.call();
      const settling = settle?.();
      if (settling !== undefined) await settling;
    }
    this.time = untilMs;
  }

  private next(untilMs: number): TimerHeap | undefined {
    const { exact, lazy } = this;
    const exactMs = exact.first?.atMs ?? Number.POSITIVE_INFINITY;
    const lazyMs = lazy.first === undefined ? Number.POSITIVE_INFINITY : this.dueMs(lazy, lazy.first);
    if (Math.min(exactMs, lazyMs) > untilMs) return undefined;
    if (exactMs !== lazyMs) return exactMs < lazyMs ? exact : lazy;
    return exact.first!.number < lazy.first!.number ? exact : lazy;
  }

  /** A late one waits for the next full multiple of the lag, where others wait too. */
  private dueMs(heap: TimerHeap, { atMs }: Timer): number {
    const lagMs = heap === this.lazy ? this.lagMs() : 0;
    return lagMs > 0 ? Math.ceil(atMs / lagMs) * lagMs : atMs;
  }

  private add(heap: TimerHeap, life: Life, ms: number, call: () => void): () => void {
    this.count += 1;
    const timer = { atMs: this.time + Math.max(0, ms), number: this.count, call, life, cancelled: false };
    heap.put(timer);
    return () => {
      timer.cancelled = true;
    };
  }
}

/** A binary heap, the earliest first. */
class TimerHeap {
  private readonly heap: Timer[] = [];

  get first(): Timer | undefined {
    return this.heap[0];
  }

  put(timer: Timer): void {
    const { heap } = this;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isEarlier(heap[parent]!, timer)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  /** Of a heap that is not empty. */
  take(): Timer {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1]!, heap[child]!)) child += 1;
      if (isEarlier(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isEarlier(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
}
