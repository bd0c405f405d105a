// What stripe-settle stores, and the order it reads from a message.
import { contract } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, type Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';

export const stripeSettle = contract({
  type: 'stripe-settle',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-check-circle',
  inputs: 1,
  outputs: ['settled', 'refused'],
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
  },
});

/** `msg.settle` */
export interface SettleMessage {
  readonly id: string;
  readonly attempt: number;
  readonly kind: 'capture' | 'cancel' | 'increment';
  readonly intent: string;
  /** capture: what to take; increment: the hold's new total; cancel: 0. */
  readonly amountMinor: number;
}

/** `stripe.bad-message` naming the field. */
export function parseMessage(raw: unknown): SettleMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(asFields(raw).settle, 'stripe.bad-message', 'msg.settle.');
    const kind = read.oneOf('kind', ['capture', 'cancel', 'increment']);
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
      kind,
      intent: read.text('intent', /^pi_\w{1,252}$/),
      amountMinor: kind === 'cancel' ? 0 : read.whole('amountMinor', 1, AMOUNT_MINOR_MAX),
    };
  });
}
