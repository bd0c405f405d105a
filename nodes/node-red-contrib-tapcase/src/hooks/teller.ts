// Takes the ledger's events and hands each to every node that waits for its kind; one for each ledger of the process.
import type { EventKind, ShopEvent } from '@tapcase/domain';
import { type Ledger, waitFor } from '@tapcase/ledger';

const LOOK_MS = 1_000;
/** An event that was handed over and not marked comes again after this: the process died. */
const LEASE_MS = 30_000;
/** Events of one look; the next one takes the rest. */
const EVENTS_MAX = 50;

interface Listener {
  /** Gets a copy of its own. */
  tell(event: ShopEvent): void;
  fail(thrown: unknown): void;
  /** Unix milliseconds. */
  now(): number;
}

interface Teller {
  readonly listeners: Map<EventKind, Set<Listener>>;
  readonly timer: NodeJS.Timeout;
  /** Rows that were handed over at the last look: marked at the next, so that a flow which dies on one is told again. */
  told: readonly number[];
  isLooking: boolean;
}

const TELLERS = new WeakMap<Ledger, Teller>();

/** Until the answer is called. */
export function hearEvents(ledger: Ledger, kind: EventKind, listener: Listener): () => void {
  const teller = TELLERS.get(ledger) ?? start(ledger);
  const forget = waitFor(kind);
  const sameKind = teller.listeners.get(kind) ?? new Set();
  teller.listeners.set(kind, sameKind.add(listener));
  return () => {
    forget();
    sameKind.delete(listener);
    if (sameKind.size === 0) teller.listeners.delete(kind);
    if (teller.listeners.size > 0) return;
    clearInterval(teller.timer);
    TELLERS.delete(ledger);
  };
}

function start(ledger: Ledger): Teller {
  const timer = setInterval(() => void look(ledger), LOOK_MS);
  timer.unref();
  const teller: Teller = { listeners: new Map(), timer, told: [], isLooking: false };
  TELLERS.set(ledger, teller);
  return teller;
}

async function look(ledger: Ledger): Promise<void> {
  const teller = TELLERS.get(ledger);
  const [first] = [...(teller?.listeners.values() ?? [])].flatMap((listeners) => [...listeners]);
  if (teller === undefined || first === undefined || teller.isLooking) return;
  teller.isLooking = true;
  try {
    await ledger.outboxDone([...teller.told], first.now());
    teller.told = [];
    const taken = await ledger.takeEvents(first.now(), LEASE_MS, EVENTS_MAX);
    // Also what nobody waits for any more is done with.
    teller.told = taken.map(({ outboxId }) => outboxId);
    for (const { event } of taken) {
      for (const listener of teller.listeners.get(event.kind) ?? []) listener.tell(structuredClone(event));
    }
  } catch (thrown) {
    first.fail(thrown);
  } finally {
    teller.isLooking = false;
  }
}
