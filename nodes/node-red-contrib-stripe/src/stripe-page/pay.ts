// The life of a page of Stripe's on which a customer pays an amount: opened, looked at, closed.
import { type Emission, says } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, Fault, orThrow } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { intentResult, type PayPage, type StripeAccount } from '../stripe-account/contract.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';
import { LANGUAGE, type PageOutput, SESSION, STRIPE_CUSTOMER } from './contract.ts';

/** `msg.payPage` at the start */
interface StartMessage {
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
interface LookMessage {
  readonly session: string;
  /** Whose page it must be. */
  readonly customer: string | undefined;
}

export async function openPage(account: StripeAccount, payPage: unknown): Promise<Emission<PageOutput>> {
  const { id, attempt, language, ...order } = orThrow(parseStart(payPage));
  const idempotencyKey = `${id}:pay:${attempt}`;
  const opened = await account.openPayPage({ ...order, locale: language, idempotencyKey });
  return { to: 'open', add: { payPage: { ...asFields(payPage), ...opened } }, status: says('page open') };
}

export async function lookAtPage(
  account: StripeAccount,
  payPage: unknown,
  step: 'look' | 'close',
): Promise<Emission<PageOutput>> {
  const { session, customer } = orThrow(parseLook(payPage));
  const page = step === 'look' ? await account.payPage(session) : await account.closePayPage(session);
  if (customer !== undefined && page.customer !== customer) {
    throw new Fault('stripe.foreign-session', 'this page belongs to another customer');
  }
  return { to: page.state === 'paid' ? 'done' : page.state, add: { paid: seen(page) }, status: says(page.state) };
}

function seen({ session, state, intent, card }: PayPage) {
  return { session, state, intent: intent === null ? null : intentResult(intent), card };
}

/** `stripe.bad-message` naming the field. */
function parseStart(raw: unknown): StartMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(raw, 'stripe.bad-message', 'msg.payPage.');
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
      amountMinor: read.whole('amountMinor', 1, AMOUNT_MINOR_MAX),
      currency: read.text('currency', /^[a-z]{3}$/),
      customer: read.text('customer', STRIPE_CUSTOMER),
      description: read.text('description', /^.{1,200}$/),
      successUrl: read.url('successUrl'),
      cancelUrl: read.url('cancelUrl'),
      language: read.optionalText('language', LANGUAGE) ?? 'auto',
      metadata: read.metadata('metadata'),
      expiresAtMs: read.whole('expiresAtMs', 0, Number.MAX_SAFE_INTEGER),
    };
  });
}

/** `stripe.bad-message` naming the field. */
function parseLook(raw: unknown): LookMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(raw, 'stripe.bad-message', 'msg.payPage.');
    return { session: read.text('session', SESSION), customer: read.optionalText('customer', STRIPE_CUSTOMER) };
  });
}
