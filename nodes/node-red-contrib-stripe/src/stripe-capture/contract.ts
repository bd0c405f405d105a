// What stripe-capture stores: the account that is asked, and the journal in which its steps are written down.
import { asFields, contract } from '@tapcase/define-node';
import type { MoneyMessage } from '@tapcase/domain';

export const stripeCapture = contract({
  type: 'stripe-capture',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-check-circle',
  inputs: 1,
  outputs: ['charged', 'nothing', 'owed', 'review', 'waiting'],
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    // The shop's ledger offers one. Without it the node keeps its steps in memory.
    journal: { kind: 'ref', to: 'tapcase-ledger', icon: 'book', tip: true },
  },
});

export function parseMessage(raw: unknown): MoneyMessage {
  return asFields(raw);
}
