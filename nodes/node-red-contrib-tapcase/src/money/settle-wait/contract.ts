// What settle-wait stores, and what it reads of a message that came through Catch.

import { asFields, chosen, parsed } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { OrderedStep } from '../ordered-step.ts';
import { stepOf } from '../settle-record/contract.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

export interface Unanswered {
  /** undefined: the fault came before anything was asked, and the visit's deadline finds it again. */
  readonly step: OrderedStep | undefined;
  readonly code: string;
}

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** `message.incomplete` where the message carries no fault. */
export function parseMessage(raw: unknown): Unanswered | Fault {
  return parsed(() => {
    const { error, step } = asFields(raw);
    const { code } = asFields(error);
    return {
      step: step === undefined ? undefined : stepOf(raw),
      code: typeof code === 'string' ? code : 'node.bug',
    };
  });
}
