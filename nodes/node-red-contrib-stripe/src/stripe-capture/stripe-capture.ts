// Takes what a sale costs, one question to Stripe at a time until it is paid, owed, or a person has to look: the whole ladder
// as one node. Each step is in the journal before Stripe hears of it, so whoever is killed in the middle asks nothing twice.
import { defineNode, inEnglish, toFault } from '@tapcase/define-node';
import { Fault, type Journal, type JournalNext, type MoneyMessage, type SaleEnd } from '@tapcase/domain';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { ACTS } from './acts.ts';
import { parseMessage, stripeCapture } from './contract.ts';
import { memoryJournal } from './memory.ts';

/** Far above what any ladder climbs (each rung once, and a look for each): a journal that never ends is broken. */
const STEPS_MAX = 40;

export default defineNode({
  ...stripeCapture,
  parseMessage,
  build: (config, node) => {
    const inMemory = memoryJournal();
    const journalOf = (): Journal =>
      config.journal === '' ? inMemory : node.use<{ journal: Journal }>(config.journal, 'tapcase-ledger').journal;

    /** What the journal says after Stripe was asked, whatever came of it. */
    async function ask(journal: Journal, next: JournalNext & { kind: 'ask' }, message: MoneyMessage) {
      const asked = { ...message, ...next.add };
      try {
        const account = node.use<StripeAccount>(config.account, 'stripe-account');
        const { add = {} } = await ACTS[next.act](account, asked);
        const answered = { ...asked, ...add };
        return { message: answered, next: await journal.answered(answered) };
      } catch (thrown) {
        const fault = toFault(thrown);
        // Counted like any fault of the tab; the sale goes on as its journal says.
        node.fail(fault, asked);
        return { message: asked, next: await journal.unanswered(asked, fault.code) };
      }
    }

    return async (given) => {
      const journal = journalOf();
      const steps: string[] = [];
      let [message, next] = [given, await journal.next(given)];
      while (next.kind === 'ask') {
        if (steps.length >= STEPS_MAX) throw new Fault('stripe.no-end', `${STEPS_MAX} steps, and more to ask`);
        node.status(next.words, 'working');
        steps.push(inEnglish(next.words));
        ({ message, next } = await ask(journal, next, message));
      }
      return { to: next.end, add: { ...next.add, steps }, status: next.words, look: LOOKS[next.end] };
    };
  },
});

const LOOKS: Readonly<Record<SaleEnd, 'did' | 'needs-person' | 'working'>> = {
  charged: 'did',
  nothing: 'did',
  owed: 'needs-person',
  review: 'needs-person',
  waiting: 'working',
};
