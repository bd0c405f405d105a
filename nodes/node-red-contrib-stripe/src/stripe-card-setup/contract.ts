// What stripe-card-setup stores, and what it reads from a message at the start and at the end of saving a card.
import { contract } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';

export const stripeCardSetup = contract({
  type: 'stripe-card-setup',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-credit-card',
  inputs: 1,
  outputs: ['ready', 'incomplete'],
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    step: { kind: 'choice', of: ['start', 'finish'], default: 'start', icon: 'step-forward' },
  },
});

/** `msg.cardSetup` at the start */
export interface StartMessage {
  /** The caller's own id of the customer. */
  readonly customerId: string;
  readonly email: string;
  /** Stripe's customer, once there is one. */
  readonly stripeCustomer: string | undefined;
  readonly currency: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly language: string;
}

/** `msg.cardSetup` at the end */
export interface FinishMessage {
  readonly session: string;
  readonly stripeCustomer: string;
}

/** The two steps read different fields, so each parses this for itself. */
export function parseMessage(raw: unknown): unknown {
  return asFields(raw).cardSetup;
}

/** `stripe.bad-message` naming the field. */
export function parseStart(raw: unknown): StartMessage | Fault {
  return parsed(() => {
    const read = reader(raw);
    return {
      customerId: read.text('customerId', /^[\x21-\x7e]{1,200}$/),
      email: read.text('email', /^[^\s@]+@[^\s@]+$/),
      stripeCustomer: read.optionalText('stripeCustomer', CUSTOMER),
      currency: read.text('currency', /^[a-z]{3}$/),
      successUrl: read.url('successUrl'),
      cancelUrl: read.url('cancelUrl'),
      language: read.optionalText('language', /^[a-z]{2,3}(-[A-Z0-9]{2,3})?$/) ?? 'auto',
    };
  });
}

/** `stripe.bad-message` naming the field. */
export function parseFinish(raw: unknown): FinishMessage | Fault {
  return parsed(() => {
    const read = reader(raw);
    return {
      session: read.text('session', /^cs_\w{1,252}$/),
      stripeCustomer: read.text('stripeCustomer', CUSTOMER),
    };
  });
}

const CUSTOMER = /^cus_\w{1,251}$/;

function reader(raw: unknown): FieldReader {
  return new FieldReader(raw, 'stripe.bad-message', 'msg.cardSetup.');
}
