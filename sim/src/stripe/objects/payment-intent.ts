// A PaymentIntent as Stripe shows it, complete: the compiler checks it against the SDK's own types.
import type Stripe from 'stripe';
import { newId } from '../books.ts';
import type { MoreFacts } from '../more-params.ts';

export interface PaymentIntentFacts {
  readonly amount: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly captureMethod: Stripe.PaymentIntent.CaptureMethod;
  readonly automatic: Stripe.PaymentIntent.AutomaticPaymentMethods | null;
  readonly allowedTypes: readonly string[] | null;
  readonly cardOptions: Stripe.PaymentIntent.PaymentMethodOptions.Card;
  readonly description: string | null;
  readonly receiptEmail: string | null;
  readonly setupFutureUsage: 'on_session' | 'off_session' | null;
  readonly statementDescriptorSuffix: string | null;
  readonly metadata: Stripe.Metadata;
  /** What the shop never says. */
  readonly more?: MoreFacts;
}

export function newPaymentIntent(facts: PaymentIntentFacts, createdS: number): Stripe.PaymentIntent {
  const id = newId('pi');
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: facts.allowedTypes === null ? null : [...facts.allowedTypes],
    amount: facts.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: facts.automatic,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: facts.captureMethod,
    client_secret: newId(`${id}_secret`),
    confirmation_method: 'automatic',
    created: createdS,
    currency: facts.currency,
    customer: facts.customer,
    customer_account: null,
    description: facts.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: facts.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: { card: facts.cardOptions },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: facts.receiptEmail,
    review: null,
    setup_future_usage: facts.setupFutureUsage,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: facts.statementDescriptorSuffix,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
    ...facts.more,
  };
}
