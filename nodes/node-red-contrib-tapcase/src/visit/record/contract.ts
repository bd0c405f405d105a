// What tapcase-record stores: which of a case's words it writes down, and where.
import { type ConfigOf, contract } from '@tapcase/define-node';

export const record = contract({
  type: 'tapcase-record',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-pencil-square-o',
  inputs: 1,
  outputs: ['moved', 'settle', 'kept'],
  properties: {
    what: { kind: 'choice', of: ['door', 'vision', 'status', 'picture'], default: 'door', icon: 'comment' },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    shop: { kind: 'ref', to: 'tapcase-shop', icon: 'shopping-basket', only: { what: ['door', 'vision'] } },
    keys: { kind: 'ref', to: 'hmac-keys', icon: 'key', only: { what: ['picture'] } },
  },
});

export type RecordConfig = ConfigOf<typeof record>;
export type RecordOutput = (typeof record.outputs)[number];
