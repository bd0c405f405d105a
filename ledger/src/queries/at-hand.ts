// What this process has put into the outbox itself is handed on without asking the database for it: written as leased already, it
// costs no look, no lease and no commit. Who dies with it in hand leaves it to the lease's end, like whatever was taken.
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import type { Db } from './rows.ts';

/** What is handed on by memory: a frame, a receipt. */
export type HandedKind = 'frame' | 'push';

export interface Handed {
  readonly id: number;
  readonly body: string;
  readonly leasedUntilMs: number;
}

/** More than any moment puts; whoever takes none for so long has lost its broker. */
const HANDED_MAX = 1_000;
/** What another instance has left, or waits for its next try, is looked for at least this often while there is something at hand. */
const LOOK_EVERY_MS = 1_000;

interface Hand {
  readonly waiting: Handed[];
  /** Whoever takes: when last, and for how long. */
  asked: { readonly atMs: number; readonly leaseMs: number } | undefined;
  lookedAtMs: number;
}

type Hands = Readonly<Record<HandedKind, Hand>>;
type Put = (kind: HandedKind, handed: Handed) => void;

const HANDS = new WeakMap<Kysely<Tables>, Hands>();
const PUTS = new WeakMap<Db, { readonly hands: Hands; readonly put: Put }>();

function handsOf(db: Kysely<Tables>): Hands {
  const hand = (): Hand => ({ waiting: [], asked: undefined, lookedAtMs: Number.NEGATIVE_INFINITY });
  const hands = HANDS.get(db) ?? { frame: hand(), push: hand() };
  HANDS.set(db, hands);
  return hands;
}

/**
 * A transaction whose frames and receipts are at hand once it is through. Every one that puts a frame is made by this: a command
 * that waited for the next look would come after a younger one, and its device refuses the lower number.
 */
export async function transact<T>(db: Kysely<Tables>, run: (tx: Db) => Promise<T>): Promise<T> {
  const hands = handsOf(db);
  const put: { readonly kind: HandedKind; readonly handed: Handed }[] = [];
  const result = await db.transaction().execute((tx) => {
    PUTS.set(tx, { hands, put: (kind, handed) => put.push({ kind, handed }) });
    return run(tx);
  });
  for (const { kind, handed } of put) hands[kind].waiting.push(handed);
  return result;
}

/** Until when what is put now is this process's to hand on; 0 where nobody takes here, or takes no more. */
export function handedUntilMs(tx: Db, kind: HandedKind, atMs: number): number {
  const hand = PUTS.get(tx)?.hands[kind];
  if (hand?.asked === undefined || hand.waiting.length >= HANDED_MAX) return 0;
  const { leaseMs } = hand.asked;
  return Math.abs(atMs - hand.asked.atMs) < leaseMs ? atMs + leaseMs : 0;
}

export function handOn(tx: Db, kind: HandedKind, handed: Handed): void {
  PUTS.get(tx)?.put(kind, handed);
}

/**
 * The oldest first. What has lain here until its lease was over may be somebody else's by now: the database is asked for it, as it is
 * (`isLookDue`) where nothing is at hand.
 */
export function takeAtHand(
  db: Kysely<Tables>,
  kind: HandedKind,
  { nowMs, leaseMs, limit }: { readonly nowMs: number; readonly leaseMs: number; readonly limit: number },
): { readonly taken: readonly Handed[]; readonly isLookDue: boolean } {
  const hand = handsOf(db)[kind];
  hand.asked = { atMs: nowMs, leaseMs };
  const all = hand.waiting.splice(0, limit);
  // A clock that was set back makes the lease longer: the ledger then takes it for over.
  const taken = all.filter(({ leasedUntilMs }) => leasedUntilMs > nowMs && leasedUntilMs <= nowMs + leaseMs);
  const isLookDue =
    taken.length < all.length || taken.length === 0 || Math.abs(nowMs - hand.lookedAtMs) >= LOOK_EVERY_MS;
  if (isLookDue) hand.lookedAtMs = nowMs;
  return { taken, isLookDue };
}
