// A saved card as the shop keeps it.
import type { Card } from '@tapcase/domain';
import type Stripe from 'stripe';

/** `null` and '' in place of a fingerprint are none: what is not known makes no two cards one. */
export function cardFrom(
  id: string,
  { brand, last4, fingerprint }: Stripe.PaymentMethod.Card,
  stripeCustomer: string,
): Card {
  return { stripeCustomer, paymentMethod: id, brand, last4, ...(fingerprint ? { fingerprint } : {}) };
}
