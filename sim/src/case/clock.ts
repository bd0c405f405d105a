// The time that a simulated board lives in: the real one, or one that jumps from timer to timer.

export interface Clock {
  nowMs(): number;
  /** Calls back once; the result cancels. */
  after(ms: number, call: () => void): () => void;
  /** Whatever JavaScript's own clock is asked while `work` runs, this one answers. */
  inside<T>(work: () => T): T;
}

export const REAL_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  inside: (work) => work(),
};

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

/**
 * Deterministic: nothing happens but in `advance`, and then as fast as the machine can. The MicroPython VM takes its time
 * and its timers from JavaScript's globals, which are this clock's own while it runs (`inside`).
 */
export class VirtualClock implements Clock {
  private time = 0;
  private count = 0;
  /** What the world asked for with `after`: always in time. */
  private readonly exact = new TimerHeap();
  /** What runs inside asked for: in time, or a little late. */
  private readonly lazy = new TimerHeap();
  /** Those that have neither fired nor been looked at since they were cancelled. */
  private readonly waiting = new Map<number, Timer>();
  private depth = 0;
  private readonly forever: Life = { over: false };
  private readonly lagMs: () => number;

  /** `lagMs` says how late a timer from inside may fire now: a loop at rest that wakes less often is simulated faster. */
  constructor(lagMs: () => number = () => 0) {
    this.lagMs = lagMs;
  }

  nowMs(): number {
    return this.time;
  }

  /** Milliseconds since 1970, as Date.now() says inside. */
  dateMs(): number {
    return EPOCH_MS + this.time;
  }

  after(ms: number, call: () => void): () => void {
    return this.afterIn(this.forever, ms, call);
  }

  inside<T>(work: () => T): T {
    return this.insideOf(this.forever, work);
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
      nowMs: () => this.time,
      after: (ms, call) => this.afterIn(life, ms, call),
      inside: (work) => this.insideOf(life, work),
    };
  }

  /** Runs every timer of the next `ms`. `settle` is awaited after each, for whoever works in promises beside the board. */
  async advance(ms: number, settle?: () => Promise<void> | undefined): Promise<void> {
    const untilMs = this.time + ms;
    for (;;) {
      const heap = this.next(untilMs);
      if (heap === undefined) break;
      const timer = heap.take();
      this.waiting.delete(timer.number);
      if (timer.life.over || timer.cancelled) continue;
      this.time = Math.max(this.time, this.dueMs(heap, timer));
      this.insideOf(timer.life, timer.call);
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

  private afterIn(life: Life, ms: number, call: () => void): () => void {
    const number = this.add(this.exact, life, ms, call);
    return () => this.cancel(number);
  }

  private insideOf<T>(life: Life, work: () => T): T {
    const { setTimeout, clearTimeout } = globalThis;
    const dateNow = Date.now;
    const add = (call: () => void, ms = 0) => this.add(this.lazy, life, ms, call);
    globalThis.setTimeout = add as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((number: number) => this.cancel(number)) as unknown as typeof clearTimeout;
    Date.now = () => this.dateMs();
    performance.now = () => this.time;
    this.depth += 1;
    try {
      return work();
    } finally {
      globalThis.setTimeout = setTimeout;
      globalThis.clearTimeout = clearTimeout;
      Date.now = dateNow;
      this.depth -= 1;
      // Uncovers the real one, which is the prototype's.
      if (this.depth === 0) delete (performance as { now?: unknown }).now;
    }
  }

  private add(heap: TimerHeap, life: Life, ms: number, call: () => void): number {
    this.count += 1;
    const timer = { atMs: this.time + Math.max(0, ms), number: this.count, call, life, cancelled: false };
    this.waiting.set(timer.number, timer);
    heap.put(timer);
    return timer.number;
  }

  private cancel(number: number): void {
    const timer = this.waiting.get(number);
    if (timer !== undefined) timer.cancelled = true;
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
