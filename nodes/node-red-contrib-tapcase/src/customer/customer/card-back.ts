// Says which page of Stripe's a customer comes back from, where the address they come by names one that can be theirs.
import { parsed, says } from '@tapcase/define-node';
import { queryOf, requiredCustomer } from '../../messages.ts';
import type { CustomerPart } from './contract.ts';

/** As Stripe names its pages. The address bar is anybody's: whose page it is Stripe says. */
const PAGE = /^cs_\w{1,252}$/;

interface Return {
  readonly session: string | undefined;
  readonly stripeCustomer: string | null;
}

export const cardBackPart: CustomerPart<Return> = {
  /** `customer.unknown` when nobody is signed in. */
  parseMessage: (raw) =>
    parsed(() => ({ session: queryOf(raw, 'session'), stripeCustomer: requiredCustomer(raw).stripeCustomer })),
  build: () => {
    return ({ session, stripeCustomer }) => {
      const isTheirs = session !== undefined && PAGE.test(session) && stripeCustomer !== null;
      if (!isTheirs) return { to: 'refused', status: says('no page'), look: 'needs-person' };
      return { to: 'done', add: { cardSetup: { session, stripeCustomer } } };
    };
  },
};
