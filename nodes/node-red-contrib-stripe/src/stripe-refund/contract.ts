// What stripe-refund stores, and the order it reads from a message.
import { AMOUNT_MINOR_MAX, type Fault } from '@tapcase/domain';
import { asFields, chosen, FieldReader, parsed } from '../fields.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';

export const defaults = {
  name: { value: '' },
  account: { value: '', type: 'stripe-account', required: true },
} as const;

/** `msg.refund` */
export interface RefundMessage {
  readonly id: string;
  readonly attempt: number;
  readonly intent: string;
  readonly amountMinor: number;
  readonly reason: 'requested_by_customer' | 'duplicate' | 'fraudulent';
  readonly metadata: Readonly<Record<string, string>>;
  /** An earlier try is too old for its key: see first whether it got through. */
  readonly lookFirst: boolean;
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

export function parseConfig(raw: unknown): { readonly account: string } {
  return { account: chosen(raw, 'account') };
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
      amountMinor: read.whole('amountMinor', 1, AMOUNT_MINOR_MAX),
      reason: read.oneOf('reason', ['requested_by_customer', 'duplicate', 'fraudulent']),
      metadata: read.metadata('metadata'),
      lookFirst: asFields(refund).lookFirst === true,
    };
  });
}
