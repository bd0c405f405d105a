// What tapcase-step stores: whether Stripe's answer to a step is written down, or that none came.
import { type ConfigOf, contract } from '@tapcase/define-node';

export const step = contract({
  type: 'tapcase-step',
  category: 'tapcase',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-pencil',
  inputs: 1,
  outputs: ['more', 'ended', 'changed', 'rest'],
  properties: {
    what: { kind: 'choice', of: ['answer', 'no-answer'], default: 'answer', icon: 'comment' },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
  },
});

export type StepConfig = ConfigOf<typeof step>;
export type StepOutput = (typeof step.outputs)[number];
