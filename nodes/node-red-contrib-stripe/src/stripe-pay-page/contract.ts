// What stripe-pay-page stores, and what it reads from a message at each step of a page's life.
import { contract } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, type Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';

export const stripePayPage = contract({
  type: 'stripe-pay-page',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-external-link',
  inputs: 1,
  outputs: ['open', 'paid', 'closed'],
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    step: { kind: 'choice', of: ['start', 'look', 'close'], default: 'start', icon: 'random' },
  },
});

/** `msg.payPage` at the start */
export interface StartMessage {
  readonly id: string;
  readonly attempt: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  readonly description: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly language: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly expiresAtMs: number;
}

/** `msg.payPage` later */
export interface LookMessage {
  readonly session: string;
  /** Whose page it must be. */
  readonly customer: string | undefined;
}

/** The steps read different fields, so each parses this for itself. */
export function parseMessage(raw: unknown): unknown {
  return asFields(raw).payPage;
}

const CUSTOMER = /^cus_\w{1,251}$/;

/** `stripe.bad-message` naming the field. */
export function parseStart(raw: unknown): StartMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(raw, 'stripe.bad-message', 'msg.payPage.');
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
      amountMinor: read.whole('amountMinor', 1, AMOUNT_MINOR_MAX),
      currency: read.text('currency', /^[a-z]{3}$/),
      customer: read.text('customer', CUSTOMER),
      description: read.text('description', /^.{1,200}$/),
      successUrl: read.url('successUrl'),
      cancelUrl: read.url('cancelUrl'),
      language: read.optionalText('language', /^[a-z]{2,3}(-[A-Z0-9]{2,3})?$/) ?? 'auto',
      metadata: read.metadata('metadata'),
      expiresAtMs: read.whole('expiresAtMs', 0, Number.MAX_SAFE_INTEGER),
    };
  });
}

/** `stripe.bad-message` naming the field. */
export function parseLook(raw: unknown): LookMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(raw, 'stripe.bad-message', 'msg.payPage.');
    return { session: read.text('session', /^cs_\w{1,252}$/), customer: read.optionalText('customer', CUSTOMER) };
  });
}
