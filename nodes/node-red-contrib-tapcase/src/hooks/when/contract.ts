// What tapcase-when stores: which event it waits for, and in which ledger it is written.

import { chosen, parsed, readFields } from '@tapcase/define-node';
import { EVENT_KINDS, type EventKind, type Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  event: { value: 'visit-flagged' },
} as const;

export interface WhenConfig {
  readonly ledger: string;
  readonly event: EventKind;
}

/** `hook.invalid` names the field. */
export function parseConfig(raw: unknown): WhenConfig | Fault {
  return parsed(() => ({
    ledger: chosen(raw, 'ledger'),
    event: readFields(raw, 'hook.invalid').oneOf('event', EVENT_KINDS),
  }));
}

/** It has no input. */
export function parseMessage(raw: unknown): unknown {
  return raw;
}
