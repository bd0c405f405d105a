// What stripe-charge stores, and the order it reads from a message.
import { contract } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { type Order, orderProperties } from '../order.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';

export const stripeCharge = contract({
  type: 'stripe-charge',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-money',
  inputs: 1,
  outputs: ['charged', 'declined'],
  badValue: 'stripe.bad-message',
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    ...orderProperties('charge'),
  },
});

/** What must stand in `msg.charge`; the rest of the order is looked for where the dialog says. */
export interface ChargeMessage {
  /** The caller's own id of what is paid for. With `attempt` it makes the idempotency key. */
  readonly id: string;
  readonly attempt: number;
}

export type FullCharge = ChargeMessage & Order;

/** `stripe.bad-message` naming the field. */
export function parseMessage(raw: unknown): ChargeMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(asFields(raw).charge, 'stripe.bad-message', 'msg.charge.');
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
    };
  });
}
