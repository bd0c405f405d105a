// What a page in payment mode is to be paid for, as it was asked for.
import type Stripe from 'stripe';

export interface PaymentFacts {
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly metadata: Stripe.Metadata;
  readonly captureMethod: Stripe.PaymentIntent.CaptureMethod;
  readonly receiptEmail: string | null;
  readonly setupFutureUsage: 'on_session' | 'off_session' | null;
  readonly statementDescriptorSuffix: string | null;
}
