// What web-push stores: whether it sends a receipt, or keeps where one may be sent.
import { type ConfigOf, contract, type Part } from '@tapcase/define-node';

export const webPush = contract({
  type: 'web-push',
  category: 'tapcase',
  color: '#F3DFA2',
  icon: 'font-awesome/fa-bell',
  inputs: 1,
  outputs: ['done', 'gone'],
  properties: {
    step: { kind: 'choice', of: ['send', 'subscribe'], default: 'send', icon: 'step-forward' },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
    // Has the keys, and knows where a tap on the notification leads.
    shop: { kind: 'ref', to: 'tapcase-shop', required: true, icon: 'building-o' },
  },
});

/** One of the steps, which reads a message of type `M`. */
export type PushPart<M> = Part<ConfigOf<typeof webPush>, M, 'done' | 'gone'>;
