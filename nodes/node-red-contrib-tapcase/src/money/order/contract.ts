// What a node for orders of the staff stores: what is ordered.
import { type ConfigOf, contract } from '@tapcase/define-node';

export const tapcaseOrder = contract({
  type: 'tapcase-order',
  category: 'tapcase',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-gavel',
  inputs: 1,
  outputs: ['taken', 'refused'],
  properties: {
    what: { kind: 'choice', of: ['money', 'review', 'forget', 'board'], default: 'money', icon: 'list' },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    // Money and reviews name a visit, the others a case.
    shop: { kind: 'ref', to: 'tapcase-shop', icon: 'building', tip: true },
  },
});

export type OrderConfig = ConfigOf<typeof tapcaseOrder>;
export type Output = (typeof tapcaseOrder.outputs)[number];
