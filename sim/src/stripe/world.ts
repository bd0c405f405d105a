// What surrounds the operations: the clock and what ends by it, the events and what caused them, work left for later.
import type Stripe from 'stripe';
import type { Standin } from './books.ts';
import { touch } from './books.ts';
import { expire } from './checkout.ts';
import { DueTimes } from './due.ts';
import { type Cause, newEvent } from './events.ts';
import { expireHold } from './holds.ts';
import { chargeOf } from './payment-intents.ts';
import { finish } from './refunds.ts';
import type { State } from './state.ts';
import type { Switches } from './switches.ts';

export interface WorldOptions {
  readonly state: State;
  readonly switches: Switches;
  readonly publicUrl: string;
  readonly now: () => number;
  readonly onEvent: (event: Stripe.Event) => void;
}

export interface World {
  readonly standin: Standin;
  /** Moves the clock forward, and ends what is over. */
  advance(ms: number): void;
  settleDue(): void;
  /** The events that `work` causes are those of this request. */
  causing<T>(cause: Cause, work: () => T): T;
}

const NOBODY: Cause = { id: null, idempotency_key: null };

export function createWorld({ state, switches, publicUrl, now, onEvent }: WorldOptions): World {
  const { books } = state;
  let offsetMs = books.settings.get('clock') ?? 0;
  let latestS = 0;
  let cause = NOBODY;
  const standin: Standin = {
    books,
    switches,
    due: new DueTimes(),
    publicUrl,
    nowS: () => {
      latestS = Math.max(latestS, Math.floor((now() + offsetMs) / 1_000));
      return latestS;
    },
    emit: (type, object) => {
      touch(books, object);
      onEvent(newEvent(books, type, object, standin.nowS(), cause));
    },
    later: (work) =>
      void setImmediate(() => {
        work();
        state.flush();
      }),
  };
  const settleDue = () => {
    for (const id of standin.due.take(standin.nowS())) endOf(standin, id);
  };
  fillDue(standin);
  return {
    standin,
    settleDue,
    advance: (ms) => {
      offsetMs += ms;
      if (ms > 0) books.settings.set('clock', offsetMs);
      settleDue();
    },
    causing: (request, work) => {
      cause = request;
      try {
        return work();
      } finally {
        cause = NOBODY;
      }
    },
  };
}

function endOf(standin: Standin, id: string): void {
  const { paymentIntents, sessions } = standin.books;
  const intent = paymentIntents.get(id);
  if (intent !== undefined) expireHold(standin, intent);
  const session = sessions.get(id);
  if (session !== undefined) expire(standin, session);
}

/** After a restart: what was running goes on to its end. */
function fillDue(standin: Standin): void {
  const { due, books } = standin;
  for (const intent of books.paymentIntents.values()) {
    if (intent.status !== 'requires_capture') continue;
    due.set(intent.id, chargeOf(standin, intent)?.payment_method_details?.card?.capture_before ?? Infinity);
  }
  for (const { id, status, expires_at: atS } of books.sessions.values()) if (status === 'open') due.set(id, atS);
  for (const refund of books.refunds.values())
    if (refund.status === 'pending') standin.later(() => finish(standin, refund));
}
