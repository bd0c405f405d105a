// What stripe-look stores, and which payment a message asks about.
import type { Fault } from '@tapcase/domain';
import { asFields, chosen, FieldReader, parsed } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  account: { value: '', type: 'stripe-account', required: true },
} as const;

/** `msg.look` */
export type LookMessage =
  | { readonly kind: 'intent'; readonly intent: string }
  | {
      readonly kind: 'metadata';
      readonly customer: string;
      /** Each of these pairs must be on the payment; it may have more. */
      readonly metadata: Readonly<Record<string, string>>;
      readonly createdAfterMs: number;
    };

export function parseConfig(raw: unknown): { readonly account: string } {
  return { account: chosen(raw, 'account') };
}

/** `stripe.bad-message` naming the field. */
export function parseMessage(raw: unknown): LookMessage | Fault {
  return parsed(() => {
    const { look } = asFields(raw);
    const read = new FieldReader(look, 'stripe.bad-message', 'msg.look.');
    if (asFields(look).intent !== undefined) return { kind: 'intent', intent: read.text('intent', /^pi_\w{1,252}$/) };
    return {
      kind: 'metadata',
      customer: read.text('customer', /^cus_\w{1,251}$/),
      metadata: read.metadata('metadata'),
      createdAfterMs: read.whole('createdAfterMs', 0, Number.MAX_SAFE_INTEGER),
    };
  });
}
