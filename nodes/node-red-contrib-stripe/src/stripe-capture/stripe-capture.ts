// Takes what a sale costs, one question to Stripe at a time until it is paid, owed, or a person has to look: the whole ladder
// as one node. Each step is in the journal before Stripe hears of it, so whoever is killed in the middle asks nothing twice.
import { defineNode } from '@tapcase/define-node';
import type { Journal, SaleEnd } from '@tapcase/domain';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { climb } from './climb.ts';
import { parseMessage, stripeCapture } from './contract.ts';
import { memoryJournal } from './memory.ts';

export default defineNode({
  ...stripeCapture,
  parseMessage,
  build: (config, node) => {
    const inMemory = memoryJournal();
    const journalOf = (): Journal =>
      config.journal === '' ? inMemory : node.use<{ journal: Journal }>(config.journal, 'tapcase-ledger').journal;

    return async (given) => {
      const { end, steps } = await climb(
        {
          journal: journalOf(),
          account: () => node.use<StripeAccount>(config.account, 'stripe-account'),
          shown: (words) => node.status(words, 'working'),
          failed: node.fail,
        },
        given,
      );
      return { to: end.end, add: { ...end.add, steps }, status: end.words, look: LOOKS[end.end] };
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
