// A customer and a stored card as Stripe shows them, complete: the compiler checks them against the SDK's own types.
import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import { newId } from '../books.ts';
import type { TestCard } from '../card-facts.ts';

export interface CustomerFacts {
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly description: string | null;
  readonly preferredLocales: readonly string[];
  readonly metadata: Stripe.Metadata;
}

export function newCustomer(facts: CustomerFacts, createdS: number): Stripe.Customer {
  return {
    id: newId('cus', 14),
    object: 'customer',
    address: null,
    balance: 0,
    created: createdS,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: facts.description,
    discount: null,
    email: facts.email,
    invoice_prefix: newId('T', 7).slice(2).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: facts.metadata,
    name: facts.name,
    next_invoice_sequence: 1,
    phone: facts.phone,
    preferred_locales: [...facts.preferredLocales],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}

/** A test card runs out so long after it was saved, at the year's end. */
const YEARS_GOOD = 8;

export function newPaymentMethod(card: TestCard, email: string | null, createdS: number): Stripe.PaymentMethod {
  return {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: { address: null, email, name: null, phone: null, tax_id: null },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: 12,
      exp_year: new Date(createdS * 1_000).getUTCFullYear() + YEARS_GOOD,
      // The same number saved twice has the same fingerprint, whoever saves it, as in the real service.
      fingerprint: createHash('sha256')
        .update(`${card.name}${card.number ?? ''}`)
        .digest('base64url')
        .replace(/[-_]/g, '0')
        .slice(0, 16),
      funding: 'credit',
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: createdS,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
}
