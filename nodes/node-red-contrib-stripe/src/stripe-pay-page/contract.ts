// What stripe-pay-page stores, and what it reads from a message at each step of a page's life.
import { AMOUNT_MINOR_MAX, Fault } from '@tapcase/domain';
import { asFields, chosen, FieldReader, parsed } from '../fields.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';

export const defaults = {
  name: { value: '' },
  account: { value: '', type: 'stripe-account', required: true },
  step: { value: 'start', required: true },
} as const;

export interface PayPageConfig {
  readonly account: string;
  readonly step: 'start' | 'look' | 'close';
}

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

/** `config.invalid` */
export function parseConfig(raw: unknown): PayPageConfig | Fault {
  const { step } = asFields(raw);
  if (step !== 'start' && step !== 'look' && step !== 'close') {
    return new Fault('config.invalid', 'step: wants start, look or close', { where: 'step' });
  }
  return { account: chosen(raw, 'account'), step };
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
