// Turns Stripe's objects into the port's: what flows need of them, amounts in minor units, times in milliseconds.
import type Stripe from 'stripe';
import { asFields } from '../fields.ts';
import type { Dispute, Intent, Refund, WebhookEvent } from './contract.ts';
import { lastRefusal } from './faults.ts';

export function toIntent(intent: Stripe.PaymentIntent): Intent {
  const charge = intent.latest_charge;
  const expanded = charge === null || typeof charge === 'string' ? undefined : charge;
  const card = expanded?.payment_method_details?.card;
  const capturableMinor = intent.amount_capturable;
  const overcapture = card?.overcapture?.status === 'available' ? card.overcapture.maximum_amount_capturable : 0;
  return {
    id: intent.id,
    status: intent.status,
    customer: idOf(intent.customer),
    paymentMethod: idOf(intent.payment_method),
    currency: intent.currency,
    amountMinor: intent.amount,
    capturableMinor,
    captureMaxMinor: expanded === undefined ? null : capturableMinor === 0 ? 0 : Math.max(capturableMinor, overcapture),
    canIncrement:
      expanded === undefined ? null : capturableMinor > 0 && card?.incremental_authorization?.status === 'available',
    amountReceivedMinor: intent.amount_received,
    amountRefundedMinor: expanded?.amount_refunded ?? 0,
    captureBeforeMs: card?.capture_before === undefined ? null : card.capture_before * 1_000,
    createdAtMs: intent.created * 1_000,
    metadata: { ...intent.metadata },
    lastRefusal: lastRefusal(intent.last_payment_error),
  };
}

export function toRefund(refund: Stripe.Refund): Refund {
  return {
    id: refund.id,
    intent: idOf(refund.payment_intent),
    amountMinor: refund.amount,
    status: refund.status ?? 'pending',
    failureReason: refund.failure_reason ?? null,
    reason: refund.reason ?? null,
    metadata: { ...refund.metadata },
  };
}

export function toDispute({ id, payment_intent: intent, amount, reason, status }: Stripe.Dispute): Dispute {
  return { id, intent: idOf(intent), amountMinor: amount, reason, status };
}

/** undefined for what is no event. */
export function toEvent(raw: unknown): WebhookEvent | undefined {
  const { id, type, data, created } = asFields(raw);
  if (typeof id !== 'string' || typeof type !== 'string' || data === undefined) return undefined;
  const createdAtMs = typeof created === 'number' ? created * 1_000 : 0;
  return { id, type, createdAtMs, object: asFields(data).object };
}

export function idOf(reference: string | { readonly id: string } | null | undefined): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}
