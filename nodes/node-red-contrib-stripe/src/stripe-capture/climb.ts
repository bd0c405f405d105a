// Climbs the ladder: asks the journal what is next and Stripe for it, in turns, until the sale has ended or waits.
import { inEnglish, toFault } from '@tapcase/define-node';
import {
  Fault,
  type Journal,
  type JournalNext,
  type JournalWords,
  type MoneyMessage,
  SEND_LEASE_MS,
} from '@tapcase/domain';
import { type Stopwatch, stopwatch } from '../stripe-account/clock.ts';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { ACTS } from './acts.ts';

/** Far above what any ladder climbs (each rung once, and a look for each): a journal that never ends is broken. */
const STEPS_MAX = 40;

export interface Climber {
  readonly account: () => StripeAccount;
  readonly journal: Journal;
  /** What is being asked. */
  readonly shown?: (words: JournalWords) => void;
  /** Counted like any fault of the tab; the sale goes on as its journal says. */
  readonly failed?: (fault: Fault, message: MoneyMessage) => void;
}

type End = JournalNext & { readonly kind: 'end' };

/** Throws what the journal throws, and `stripe.no-end`. */
export async function climb(
  { account, journal, shown = () => {}, failed = () => {} }: Climber,
  given: MoneyMessage,
): Promise<{ readonly end: End; readonly steps: readonly string[] }> {
  const steps: string[] = [];
  let since = stopwatch();
  let message = given;
  let next = await journal.next(given);
  while (next.kind === 'ask') {
    if (steps.length >= STEPS_MAX) throw new Fault('stripe.no-end', `${STEPS_MAX} steps, and more to ask`);
    shown(next.words);
    steps.push(inEnglish(next.words));
    ({ message, next, since } = await ask(next, message, since));
  }
  return { end: next, steps };

  /** What the journal says after Stripe was asked, whatever came of it. `since`: the lease began after that. */
  async function ask(order: JournalNext & { kind: 'ask' }, before: MoneyMessage, since: Stopwatch) {
    const asked = { ...before, ...order.add };
    try {
      const { add = {} } = await ACTS[order.act](account(), asked, { since, ms: SEND_LEASE_MS });
      const answered = { ...asked, ...add };
      const leased = stopwatch();
      return { message: answered, next: await journal.answered(answered), since: leased };
    } catch (thrown) {
      const fault = toFault(thrown);
      failed(fault, asked);
      const leased = stopwatch();
      return { message: asked, next: await journal.unanswered(asked, fault.code), since: leased };
    }
  }
}
