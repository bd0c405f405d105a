// What tapcase-decide stores: which question its flow answers, and how long it may take.

import { configText, parsed, readFields } from '@tapcase/define-node';
import { type Fault, QUESTION_NAMES, type Question } from '@tapcase/domain';

/** Milliseconds. A customer waits at the door meanwhile, or for the receipt. */
export const LIMIT_MS = { default: 1_000, min: 50, max: 5_000 } as const;

export const defaults = {
  name: { value: '' },
  question: { value: 'cost' },
  limitMs: { value: 1_000 },
} as const;

export interface DecideConfig {
  readonly name: string;
  readonly question: Question;
  readonly limitMs: number;
}

/** `hook.invalid` names the field. */
export function parseConfig(raw: unknown): DecideConfig | Fault {
  return parsed(() => {
    const read = readFields(raw, 'hook.invalid');
    const { min, max } = LIMIT_MS;
    return {
      name: configText(raw, 'name'),
      question: read.oneOf('question', QUESTION_NAMES),
      limitMs: read.whole('limitMs', { min, max }),
    };
  });
}

/** It has no input. */
export function parseMessage(raw: unknown): unknown {
  return raw;
}
