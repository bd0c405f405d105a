// What tapcase-stripe-event stores: whether it hears an event of Stripe's, or that a card page is finished.
import { type ConfigOf, contract } from '@tapcase/define-node';

export const stripeEvent = contract({
  type: 'tapcase-stripe-event',
  category: 'tapcase',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-envelope-open-o',
  inputs: 1,
  outputs: ['card', 'visit', 'nothing'],
  properties: {
    what: { kind: 'choice', of: ['event', 'card'], default: 'event', icon: 'comment' },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
  },
});

export type EventConfig = ConfigOf<typeof stripeEvent>;
export type EventOutput = (typeof stripeEvent.outputs)[number];
