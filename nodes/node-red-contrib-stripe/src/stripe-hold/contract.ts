// What stripe-hold stores, and the order it reads from a message.
import { contract } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { type Order, orderProperties } from '../order.ts';

export const stripeHold = contract({
  type: 'stripe-hold',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-lock',
  inputs: 1,
  outputs: ['held', 'declined', 'needs-action'],
  badValue: 'stripe.bad-message',
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    ...orderProperties('hold'),
  },
});

/** What must stand in `msg.hold`; the rest of the order is looked for where the dialog says. */
export interface HoldMessage {
  /** The caller's own id of what is paid for. With `attempt` it makes the idempotency key. */
  readonly id: string;
  readonly attempt: number;
}

export type FullHold = HoldMessage & Order;

/** Nobody tries one card for one thing more often; Stripe's own limit on an intent is far above. */
export const ATTEMPT_MAX = 1_000;
/** Printable, and short enough that keys made from it stay under Stripe's 255 characters. */
export const CALLER_ID = /^[\x21-\x7e]{1,200}$/;

/** `stripe.bad-message` naming the field. */
export function parseMessage(raw: unknown): HoldMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(asFields(raw).hold, 'stripe.bad-message', 'msg.hold.');
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
    };
  });
}
