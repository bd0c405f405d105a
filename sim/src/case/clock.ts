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
  /** A binary heap, the earliest first. */
  private readonly heap: Timer[] = [];
  private readonly cancelled = new Set<number>();

  nowMs(): number {
    return this.time;
  }

  /** Milliseconds since 1970, as Date.now() says inside. */
  dateMs(): number {
    return EPOCH_MS + this.time;
  }

  after(ms: number, call: () => void): () => void {
    const number = this.add(ms, call);
    return () => this.cancelled.add(number);
  }

  inside<T>(work: () => T): T {
    const { setTimeout, clearTimeout } = globalThis;
    const dateNow = Date.now;
    globalThis.setTimeout = ((call: () => void, ms = 0) => this.add(ms, call)) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((number: number) => this.cancelled.add(number)) as unknown as typeof clearTimeout;
    Date.now = () => this.dateMs();
    performance.now = () => this.time;
    try {
      return work();
    } finally {
      globalThis.setTimeout = setTimeout;
      globalThis.clearTimeout = clearTimeout;
      Date.now = dateNow;
      // Uncovers the real one, which is the prototype's.
      delete (performance as { now?: unknown }).now;
    }
  }

  /** Runs every timer of the next `ms`. `settle` is awaited after each, for whoever works in promises beside the board. */
  async advance(ms: number, settle?: () => Promise<void> | undefined): Promise<void> {
    const untilMs = this.time + ms;
    for (let timer = this.heap[0]; timer !== undefined && timer.atMs <= untilMs; timer = this.heap[0]) {
      this.take();
      if (this.cancelled.delete(timer.number)) continue;
      this.time = Math.max(this.time, timer.atMs);
      this.inside(timer.call);
      const settling = settle?.();
      if (settling !== undefined) await settling;
    }
    this.time = untilMs;
  }

  private add(ms: number, call: () => void): number {
    this.count += 1;
    const timer = { atMs: this.time + Math.max(0, ms), number: this.count, call };
    const { heap } = this;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isEarlier(heap[parent]!, timer)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
    return this.count;
  }

  private take(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
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
  }
}

function isEarlier(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
}
