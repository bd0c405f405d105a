// What waits to be acked: numbers that rise, tries that grow rarer, a bound. Pure; the caller keeps it on disk.

import { asFields } from '@tapcase/define-node';
import { Fault, parseVisionReport, SEQ_MAX, type VisionReport } from '@tapcase/domain';

export interface Queued {
  readonly payload: VisionReport;
  readonly tries: number;
  readonly dueAtMs: number;
}

export interface Queue {
  /** Whose numbers they are: chance, made with this state. A card that was erased or changed has another. */
  readonly epoch: string;
  /** The next number; never given twice. */
  readonly next: number;
  readonly waiting: readonly Queued[];
  /** Visits that were reported, the last one at the end: after a restart a report may be brought once more. */
  readonly reported: readonly string[];
}

/** A day without a network makes a few dozen. */
export const QUEUE_MAX = 500;
/** How many go out at once: after a long outage the broker and the radio get them in portions. */
export const PORTION_MAX = 20;
/** Only the last report can be brought twice; the rest is for a person who reads the file. */
const REPORTED_MAX = 20;
const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 60_000;

const EPOCH = /^[0-9a-f]{16}$/;

/**
 * The queue as it was kept, everything due at once. Where nothing readable was kept, a new epoch begins (`fresh`), and its numbers
 * at the clock: a cloud of before epochs must not hear a number again that it has seen, or it would keep the report aside. What an
 * earlier release kept has no epoch, and its numbers go on.
 */
export function restoreQueue(kept: unknown, nowMs: number, fresh: string): Queue {
  const { next, waiting, reported, epoch } = asFields(kept);
  const isNumber = typeof next === 'number' && Number.isSafeInteger(next) && next >= 1 && next <= SEQ_MAX;
  if (!isNumber || !Array.isArray(waiting)) {
    return { epoch: fresh, next: Math.floor(nowMs / 1000), waiting: [], reported: [] };
  }
  const readable = waiting.flatMap((entry): Queued[] => {
    const payload = parseVisionReport(asFields(entry).payload);
    return payload instanceof Fault ? [] : [{ payload, tries: 0, dueAtMs: 0 }];
  });
  return {
    epoch: typeof epoch === 'string' && EPOCH.test(epoch) ? epoch : fresh,
    next,
    waiting: readable.slice(-QUEUE_MAX),
    reported: Array.isArray(reported) ? reported.filter(isText) : [],
  };
}

/** The report with its number, whose it is, and time, or `payload.invalid`. */
export function numbered(queue: Queue, report: Readonly<Record<string, unknown>>, nowMs: number): VisionReport | Fault {
  const { type, ...rest } = report;
  return parseVisionReport({ type, ...rest, epoch: queue.epoch, seq: queue.next, at: Math.floor(nowMs / 1000) });
}

/**
 * With the report due at once; `dropped` is the one that a full queue gives up: the oldest that only says why there was
 * nothing to see, else the oldest.
 */
export function enqueue(
  queue: Queue,
  payload: VisionReport,
  nowMs: number,
): { readonly queue: Queue; readonly dropped: Queued | undefined } {
  const dropped = queue.waiting.length >= QUEUE_MAX ? leastTelling(queue.waiting) : undefined;
  const kept = queue.waiting.filter((entry) => entry !== dropped);
  const waiting = [...kept, { payload, tries: 0, dueAtMs: nowMs }];
  const reported = [...queue.reported, payload.id].slice(-REPORTED_MAX);
  return { queue: { ...queue, next: payload.seq + 1, waiting, reported }, dropped };
}

function leastTelling(waiting: readonly Queued[]): Queued | undefined {
  return waiting.find(({ payload }) => payload.fault !== undefined) ?? waiting[0];
}

/** Without the report; the same queue when it holds none of that number. */
export function acknowledge(queue: Queue, of: number): Queue {
  const waiting = queue.waiting.filter(({ payload }) => payload.seq !== of);
  return waiting.length === queue.waiting.length ? queue : { ...queue, waiting };
}

/** A portion of what is due, the oldest first, and the queue in which it is due again later. */
export function takeDue(queue: Queue, nowMs: number): { readonly queue: Queue; readonly due: readonly Queued[] } {
  const due = queue.waiting.filter(({ dueAtMs }) => dueAtMs <= nowMs).slice(0, PORTION_MAX);
  const waiting = queue.waiting.map((entry) => {
    if (!due.includes(entry)) return entry;
    const waitMs = Math.min(RETRY_MS_MIN * 2 ** entry.tries, RETRY_MS_MAX);
    return { ...entry, tries: entry.tries + 1, dueAtMs: nowMs + waitMs };
  });
  return { queue: { ...queue, waiting }, due };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
