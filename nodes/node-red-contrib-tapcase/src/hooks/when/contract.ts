// What tapcase-when stores: which event it waits for, and in which ledger it is written.

import { contract } from '@tapcase/define-node';
import { EVENT_KINDS } from '@tapcase/domain';

export const when = contract({
  type: 'tapcase-when',
  category: 'tapcase hooks',
  color: '#F3DFA2',
  icon: 'font-awesome/fa-bell-o',
  inputs: 0,
  outputs: ['event'],
  calledBy: ['event'],
  properties: {
    event: { kind: 'choice', of: EVENT_KINDS, default: 'visit-flagged', icon: 'bell', explained: ['facts'] },
    ledger: { kind: 'ref', to: 'tapcase-ledger', required: true, icon: 'book' },
  },
});

/** It has no input. */
export function parseMessage(raw: unknown): unknown {
  return raw;
}
