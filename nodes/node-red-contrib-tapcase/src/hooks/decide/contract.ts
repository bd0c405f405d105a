// What tapcase-decide stores: which question its flow answers, and how long it may take.

import { contract } from '@tapcase/define-node';
import { QUESTION_NAMES } from '@tapcase/domain';

/** Milliseconds. A customer waits at the door meanwhile, or for the receipt. */
export const LIMIT_MS = { default: 1_000, min: 50, max: 5_000 } as const;

export const decide = contract({
  type: 'tapcase-decide',
  category: 'tapcase hooks',
  color: '#B8C6E8',
  icon: 'font-awesome/fa-question-circle',
  inputs: 0,
  outputs: ['facts'],
  calledBy: ['question'],
  properties: {
    question: {
      kind: 'choice',
      of: QUESTION_NAMES,
      default: 'cost',
      icon: 'question',
      tip: true,
      explained: ['facts', 'answer'],
    },
    limitMs: { kind: 'number', ...LIMIT_MS, whole: true, unit: 'ms', icon: 'clock-o' },
  },
});

/** It has no input. */
export function parseMessage(raw: unknown): unknown {
  return raw;
}
