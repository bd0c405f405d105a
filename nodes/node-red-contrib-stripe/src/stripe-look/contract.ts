// What stripe-look stores, and which payment a message asks about.
import { contract } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';

export const stripeLook = contract({
  type: 'stripe-look',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-search',
  inputs: 1,
  outputs: ['found', 'none'],
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
  },
});

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
