// What tapcase-customer stores: which step of knowing a customer it takes.
import { type ConfigOf, contract, type Part } from '@tapcase/define-node';

export const tapcaseCustomer = contract({
  type: 'tapcase-customer',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-user-o',
  inputs: 1,
  outputs: ['done', 'refused'],
  properties: {
    step: {
      kind: 'choice',
      of: ['who', 'code', 'sign-in', 'sign-out', 'end', 'card', 'card-back'],
      default: 'who',
      icon: 'step-forward',
    },
    // A card's page is described without it.
    ledger: { kind: 'ref', to: 'tapcase-ledger', icon: 'book', tip: true },
    shop: { kind: 'ref', to: 'tapcase-shop', required: true, icon: 'building-o' },
  },
});

/** One of the steps, which reads a message of type `M`. */
export type CustomerPart<M> = Part<ConfigOf<typeof tapcaseCustomer>, M, 'done' | 'refused'>;
