// What tapcase-view stores: what of the shop it shows, and to whom.
import { type ConfigOf, contract, type Part } from '@tapcase/define-node';

export const tapcaseView = contract({
  type: 'tapcase-view',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-eye',
  inputs: 1,
  // What is told live is its own answer, and leaves by none.
  outputs: ['answered'],
  properties: {
    what: {
      kind: 'choice',
      of: ['me', 'case', 'visit', 'visits', 'sessions', 'why', 'pictures', 'live'],
      default: 'visit',
      icon: 'eye',
    },
    audience: { kind: 'choice', of: ['customer', 'staff'], default: 'customer', icon: 'users', tip: true },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    shop: { kind: 'ref', to: 'tapcase-shop', icon: 'building-o', tip: true },
  },
});

/** One of the things to show, asked for by a message of type `M`. */
export type ViewPart<M> = Part<ConfigOf<typeof tapcaseView>, M, 'answered'>;
