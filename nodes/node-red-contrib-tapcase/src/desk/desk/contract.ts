// What a node of the staff's pages stores: which of their tables, forms and charts it fills.
import { type ConfigOf, contract } from '@tapcase/define-node';

export const tapcaseDesk = contract({
  type: 'tapcase-desk',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-table',
  inputs: 1,
  outputs: ['shown'],
  version: 2,
  // What there was to choose of visits and debts was called a list.
  migrate: { 1: ({ list, ...old }) => ({ ...old, show: list ?? old.show }) },
  properties: {
    show: {
      kind: 'choice',
      of: [
        'visits',
        'flagged',
        'debts',
        'audits',
        // Reviews: the list, a form for the chosen row, the decided ones as JSON lines.
        'open',
        'one',
        'training',
        // Cases: how they are, and what they have learned. `drift` is points of a chart.
        'cases',
        'notices',
        'scales',
        'products',
        'drift',
      ],
      default: 'visits',
      icon: 'eye',
    },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    // Only of cases something is shown that the ledger does not know.
    shop: { kind: 'ref', to: 'tapcase-shop', icon: 'building' },
  },
});

export type DeskConfig = ConfigOf<typeof tapcaseDesk>;
export type Output = (typeof tapcaseDesk.outputs)[number];
