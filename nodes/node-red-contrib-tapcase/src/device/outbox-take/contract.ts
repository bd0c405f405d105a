// What outbox-take stores: which ledger, and which kind of waiting rows.

import { chosen, parsed, readFields } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  kind: { value: 'frames' },
} as const;

export interface OutboxTakeConfig {
  readonly ledger: string;
  readonly kind: 'frames' | 'pushes';
}

export function parseConfig(raw: unknown): OutboxTakeConfig | Fault {
  return parsed(() => ({
    ledger: chosen(raw, 'ledger'),
    kind: readFields(raw, 'outbox.invalid').oneOf('kind', ['frames', 'pushes']),
  }));
}

/** Any message is a nudge. */
export function parseMessage(raw: unknown): unknown {
  return raw;
}
