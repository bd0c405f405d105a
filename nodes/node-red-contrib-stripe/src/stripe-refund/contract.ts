// What stripe-refund stores, and the order it reads from a message.
import { contract } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { amountProperty, metadataProperty } from '../order.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';

export const stripeRefund = contract({
  type: 'stripe-refund',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-undo',
  inputs: 1,
  outputs: ['refunded', 'refused'],
  badValue: 'stripe.bad-message',
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    amount: amountProperty('refund'),
    metadata: metadataProperty('refund'),
  },
});

/** What must stand in `msg.refund`; amount and metadata are looked for where the dialog says. */
export interface RefundMessage {
  readonly id: string;
  readonly attempt: number;
  readonly intent: string;
  readonly reason: 'requested_by_customer' | 'duplicate' | 'fraudulent';
  /** An earlier try is too old for its key: see first whether it got through. */
  readonly lookFirst: boolean;
  /** Something at Stripe that surely came before it was first sent, by Stripe's clock: younger than a day, no look is needed. */
  readonly sinceMs: number | null;
}

/** `msg.refunded` */
export interface RefundResult {
  /** null: there is none. */
  readonly refund: string | null;
  readonly intent: string;
  readonly amountMinor: number;
  readonly status: string;
  readonly code?: string;
  readonly message?: string;
}

/** `stripe.bad-message` naming the field. */
export function parseMessage(raw: unknown): RefundMessage | Fault {
  return parsed(() => {
    const { refund } = asFields(raw);
    const read = new FieldReader(
      { reason: 'requested_by_customer', ...asFields(refund) },
      'stripe.bad-message',
      'msg.refund.',
    );
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
      intent: read.text('intent', /^pi_\w{1,252}$/),
      reason: read.oneOf('reason', ['requested_by_customer', 'duplicate', 'fraudulent']),
      lookFirst: asFields(refund).lookFirst === true,
      sinceMs: asFields(refund).sinceMs == null ? null : read.whole('sinceMs', 0, Number.MAX_SAFE_INTEGER),
    };
  });
}
