// What stripe-event stores, and the verified event that a message must carry.

import { asFields, chosen, parsed, readFields } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
} as const;

/** `msg.event`, as stripe-webhook verified it or stripe-call fetched it. */
export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** `metadata.visit` of what it is about; undefined where it is none of ours. */
  readonly visitId: string | undefined;
}

export function parseConfig(raw: unknown): { readonly ledger: string } {
  return { ledger: chosen(raw, 'ledger') };
}

/** `event.invalid` */
export function parseMessage(raw: unknown): StripeEvent | Fault {
  return parsed(() => {
    const { event } = asFields(raw);
    const read = readFields(event, 'event.invalid', 'event.');
    const object = asFields(asFields(event).object);
    const { visit } = asFields(object.metadata);
    return {
      id: read.text('id', { max: 255, pattern: /^evt_\w+$/ }),
      type: read.text('type', { max: 100 }),
      object,
      visitId: typeof visit === 'string' && /^[a-z0-9-]{1,64}$/i.test(visit) ? visit : undefined,
    };
  });
}
