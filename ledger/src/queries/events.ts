// The ledger's events: what happened in the shop, for the operator's own flows. Written with the change it tells of, and
// only where somebody waits for its kind: nothing piles up in a shop without own flows.
import { randomUUID } from 'node:crypto';
import { type EventFacts, type EventKind, type ShopEvent, type Visit, visitFacts } from '@tapcase/domain';
import type { Db } from './rows.ts';

/** Own flows are rebuilt by every Deploy: what happens in that moment is still written for them. */
const FORGET_MS = 60_000;

/** How many wait for a kind in this process, and until when it is written after the last one has gone. */
const waiting = new Map<EventKind, { count: number; untilMs: number }>();

/** From now on events of this kind are written. The answer ends it, some time after the last one has gone. */
export function waitFor(kind: EventKind): (afterMs?: number) => void {
  const entry = waiting.get(kind) ?? { count: 0, untilMs: 0 };
  waiting.set(kind, entry);
  entry.count += 1;
  let over = false;
  return (afterMs = FORGET_MS) => {
    if (over) return;
    over = true;
    entry.count -= 1;
    if (entry.count === 0) entry.untilMs = Date.now() + afterMs;
  };
}

export function isAwaited(kind: EventKind): boolean {
  const entry = waiting.get(kind);
  return entry !== undefined && (entry.count > 0 || Date.now() < entry.untilMs);
}

/** Inside the transaction of the change. */
export async function tellEvent<K extends EventKind>(
  tx: Db,
  kind: K,
  atMs: number,
  facts: EventFacts<K>,
): Promise<void> {
  if (!isAwaited(kind)) return;
  const event: ShopEvent = { id: randomUUID(), kind, at: atMs, ...facts };
  await tx
    .insertInto('outbox')
    .values({ kind: 'event', body: JSON.stringify(event), created_at_ms: atMs, leased_until_ms: 0, done_at_ms: null })
    .execute();
}

export function tellVisit(
  tx: Db,
  kind: 'visit-opened' | 'visit-ended' | 'visit-flagged',
  visit: Visit,
  atMs: number,
): Promise<void> {
  return tellEvent(tx, kind, atMs, { visit: visitFacts(visit) });
}
