// A page of Stripe's on which a customer's card is saved: opened, looked at for the card that was entered, closed.
import { type Emission, says } from '@tapcase/define-node';
import { type Card, type Fault, orThrow } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { LANGUAGE, type PageOutput, SESSION, STRIPE_CUSTOMER } from './contract.ts';

/** `msg.cardSetup` at the start */
interface StartMessage {
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

/** `msg.cardSetup` later */
interface LookMessage {
  readonly session: string;
  readonly stripeCustomer: string;
}

export async function openCardPage(account: StripeAccount, cardSetup: unknown): Promise<Emission<PageOutput>> {
  const order = orThrow(parseStart(cardSetup));
  const customer = order.stripeCustomer ?? (await createCustomer(account, order));
  const { currency, successUrl, cancelUrl, language: locale } = order;
  const metadata = { customer: order.customerId };
  const opened = await account.openCardSetup({ customer, currency, successUrl, cancelUrl, locale, metadata });
  const add = { cardSetup: { ...asFields(cardSetup), ...opened }, stripe: { customer } };
  return { to: 'open', add, status: says('card page open') };
}

/** The key is the caller's id: two taps at once make one customer at Stripe. */
function createCustomer(account: StripeAccount, { customerId, email }: StartMessage): Promise<string> {
  const metadata = { customer: customerId };
  return account.createCustomer({ idempotencyKey: `${customerId}:customer:1`, email, metadata });
}

export async function lookForCard(account: StripeAccount, cardSetup: unknown): Promise<Emission<PageOutput>> {
  const { session, stripeCustomer } = orThrow(parseLook(cardSetup));
  const card = await account.cardFromSetup(session, stripeCustomer);
  return card === undefined ? { to: 'open', status: says('no card yet'), look: 'needs-person' } : saved(card);
}

/** A card that was entered a moment before counts. */
export async function closeCardPage(account: StripeAccount, cardSetup: unknown): Promise<Emission<PageOutput>> {
  const { session, stripeCustomer } = orThrow(parseLook(cardSetup));
  const card = await account.closeCardSetup(session, stripeCustomer);
  return card === undefined ? { to: 'closed', status: says('closed') } : saved(card);
}

function saved(card: Card): Emission<PageOutput> {
  return { to: 'done', add: { card }, status: says('card saved') };
}

/** `stripe.bad-message` naming the field. */
function parseStart(raw: unknown): StartMessage | Fault {
  return parsed(() => {
    const read = reader(raw);
    return {
      customerId: read.text('customerId', /^[\x21-\x7e]{1,200}$/),
      email: read.text('email', /^[^\s@]+@[^\s@]+$/),
      stripeCustomer: read.optionalText('stripeCustomer', STRIPE_CUSTOMER),
      currency: read.text('currency', /^[a-z]{3}$/),
      successUrl: read.url('successUrl'),
      cancelUrl: read.url('cancelUrl'),
      language: read.optionalText('language', LANGUAGE) ?? 'auto',
    };
  });
}

/** `stripe.bad-message` naming the field. */
function parseLook(raw: unknown): LookMessage | Fault {
  return parsed(() => {
    const read = reader(raw);
    return { session: read.text('session', SESSION), stripeCustomer: read.text('stripeCustomer', STRIPE_CUSTOMER) };
  });
}

function reader(raw: unknown): FieldReader {
  return new FieldReader(raw, 'stripe.bad-message', 'msg.cardSetup.');
}
