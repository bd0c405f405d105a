// What stripe-charge stores, and the order it reads from a message.
import { AMOUNT_MINOR_MAX, type Fault } from '@tapcase/domain';
import { asFields, chosen, FieldReader, parsed } from '../fields.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';

export const defaults = {
  name: { value: '' },
  account: { value: '', type: 'stripe-account', required: true },
} as const;

/** `msg.charge` */
export interface ChargeMessage {
  /** The caller's own id of what is paid for. With `attempt` it makes the idempotency key. */
  readonly id: string;
  readonly attempt: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  readonly paymentMethod: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export function parseConfig(raw: unknown): { readonly account: string } {
  return { account: chosen(raw, 'account') };
}

/** `stripe.bad-message` naming the field. */
export function parseMessage(raw: unknown): ChargeMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(asFields(raw).charge, 'stripe.bad-message', 'msg.charge.');
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
      amountMinor: read.whole('amountMinor', 1, AMOUNT_MINOR_MAX),
      currency: read.text('currency', /^[a-z]{3}$/),
      customer: read.text('customer', /^\w{1,255}$/),
      paymentMethod: read.text('paymentMethod', /^\w{1,255}$/),
      metadata: read.metadata('metadata'),
    };
  });
}
