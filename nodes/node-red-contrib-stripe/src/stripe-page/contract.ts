// What stripe-page stores: which kind of page of Stripe's it is, and what is done with it.
import { contract } from '@tapcase/define-node';

export const stripePage = contract({
  type: 'stripe-page',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-external-link',
  inputs: 1,
  outputs: ['open', 'done', 'closed'],
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    mode: { kind: 'choice', of: ['card', 'pay'], default: 'card', icon: 'window-maximize' },
    step: { kind: 'choice', of: ['start', 'look', 'close'], default: 'start', icon: 'step-forward' },
  },
});

export type PageOutput = 'open' | 'done' | 'closed';

export const STRIPE_CUSTOMER = /^cus_\w{1,251}$/;
export const SESSION = /^cs_\w{1,252}$/;
export const LANGUAGE = /^[a-z]{2,3}(-[A-Z0-9]{2,3})?$/;
