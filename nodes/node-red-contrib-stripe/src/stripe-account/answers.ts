// Runs a call to Stripe: its answer, a definite refusal with the payment it carries, or a Fault.
import type Stripe from 'stripe';
import type { IntentAnswer } from './contract.ts';
import { asFault, asRefusal, isStripeError } from './faults.ts';
import { toIntent } from './objects.ts';

export async function answered(call: () => Promise<Stripe.PaymentIntent>): Promise<IntentAnswer> {
  try {
    return { kind: 'done', intent: toIntent(await call()) };
  } catch (thrown) {
    if (!isStripeError(thrown)) throw thrown;
    const refusal = asRefusal(thrown);
    if (refusal === undefined) throw asFault(thrown);
    const carried = thrown.payment_intent as Stripe.PaymentIntent | undefined;
    return { kind: 'refused', refusal, intent: carried === undefined ? null : toIntent(carried) };
  }
}

export async function orFault<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw isStripeError(thrown) ? asFault(thrown) : thrown;
  }
}
