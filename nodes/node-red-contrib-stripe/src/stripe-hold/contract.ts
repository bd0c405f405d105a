// What stripe-hold stores, and the order it reads from a message.
import { AMOUNT_MINOR_MAX, type Fault } from '@tapcase/domain';
import { asFields, chosen, FieldReader, parsed } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  account: { value: '', type: 'stripe-account', required: true },
} as const;

/** `msg.hold` */
export interface HoldMessage {
  /** The caller's own id of what is paid for. With `attempt` it makes the idempotency key. */
  readonly id: string;
  readonly attempt: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  readonly paymentMethod: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Nobody tries one card for one thing more often; Stripe's own limit on an intent is far above. */
export const ATTEMPT_MAX = 1_000;
/** Printable, and short enough that keys made from it stay under Stripe's 255 characters. */
export const CALLER_ID = /^[\x21-\x7e]{1,200}$/;

export function parseConfig(raw: unknown): { readonly account: string } {
  return { account: chosen(raw, 'account') };
}

/** `stripe.bad-message` naming the field. */
export function parseMessage(raw: unknown): HoldMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(asFields(raw).hold, 'stripe.bad-message', 'msg.hold.');
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
