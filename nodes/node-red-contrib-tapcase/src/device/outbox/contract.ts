// What a node of the outbox stores: whether it takes what waits or marks what was delivered, and of which kind.
import { type ConfigOf, contract } from '@tapcase/define-node';

export const tapcaseOutbox = contract({
  type: 'tapcase-outbox',
  category: 'tapcase',
  color: '#F3DFA2',
  icon: 'font-awesome/fa-inbox',
  inputs: 1,
  outputs: ['row'],
  properties: {
    step: { kind: 'choice', of: ['take', 'done'], default: 'take', icon: 'exchange' },
    kind: { kind: 'choice', of: ['frames', 'pushes'], default: 'frames', icon: 'envelope', tip: true },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
  },
});

export type OutboxConfig = ConfigOf<typeof tapcaseOutbox>;
export type Output = (typeof tapcaseOutbox.outputs)[number];
