// What waits to be acked: numbers that rise, tries that grow rarer, a bound. Pure; the caller keeps it on disk.

export interface Queued {
  readonly seq: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly tries: number;
  readonly dueAtMs: number;
}

export interface Queue {
  /** The next number; never given twice. */
  readonly next: number;
  readonly waiting: readonly Queued[];
}

export const EMPTY_QUEUE: Queue = { next: 1, waiting: [] };

/** A day without a network makes a few dozen. */
export const QUEUE_MAX = 500;
const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 60_000;

/** With the report numbered and due at once; `dropped` is the oldest one where the queue was full. */
export function enqueue(
  queue: Queue,
  report: Readonly<Record<string, unknown>>,
  nowMs: number,
): { readonly queue: Queue; readonly dropped: Queued | undefined } {
  const { type, ...rest } = report;
  const payload = { type, seq: queue.next, at: Math.floor(nowMs / 1000), ...rest };
  const full = queue.waiting.length >= QUEUE_MAX;
  const kept = full ? queue.waiting.slice(1) : queue.waiting;
  const waiting = [...kept, { seq: queue.next, payload, tries: 0, dueAtMs: nowMs }];
  return { queue: { next: queue.next + 1, waiting }, dropped: full ? queue.waiting[0] : undefined };
}

export function acknowledge(queue: Queue, of: number): Queue {
  return { ...queue, waiting: queue.waiting.filter(({ seq }) => seq !== of) };
}

/** What is due, and the queue in which it is due again later. */
export function takeDue(queue: Queue, nowMs: number): { readonly queue: Queue; readonly due: readonly Queued[] } {
  const due = queue.waiting.filter(({ dueAtMs }) => dueAtMs <= nowMs);
  const waiting = queue.waiting.map((entry) => {
    if (entry.dueAtMs > nowMs) return entry;
    const wait = Math.min(RETRY_MS_MIN * 2 ** entry.tries, RETRY_MS_MAX);
    return { ...entry, tries: entry.tries + 1, dueAtMs: nowMs + wait };
  });
  return { queue: { ...queue, waiting }, due };
}
