// What an event of Stripe's changes: at most when a visit is looked at. Its amounts are never believed, Stripe is asked.
import { asFields, defineNode } from '@tapcase/define-node';
import type { Ledger } from '@tapcase/ledger';
import { defaults, parseConfig, parseMessage, type StripeEvent } from './contract.ts';

type Output = 'card' | 'visit' | 'refund' | 'dispute' | 'other' | 'repeated';

export default defineNode({
  type: 'stripe-event',
  outputs: ['card', 'visit', 'refund', 'dispute', 'other', 'repeated'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async (event) => {
      const atMs = node.now();
      const to = await apply(ledger, event, atMs);
      // Afterwards: an event that was written down but not applied would be lost for good. Applying twice does nothing.
      const isNew = await ledger.recordWebhook(event.id, event.type, atMs);
      if (!isNew) return { to: 'repeated', status: 'repeated' };
      return { to, status: event.type.slice(-20), look: to === 'dispute' ? 'needs-person' : 'did' };
    };
  },
});

async function apply(ledger: Ledger, event: StripeEvent, atMs: number): Promise<Output> {
  const { type, object, visitId } = event;
  if (type === 'checkout.session.completed' && object.mode === 'setup') return 'card';
  if (type.startsWith('charge.dispute.')) return dispute(ledger, event, atMs);
  if (type.startsWith('refund.') || type === 'charge.refund.updated') return refund(ledger, event, atMs);
  if (visitId === undefined) return 'other';
  return (await ledger.wakeMoney(visitId, atMs)) ? 'visit' : 'other';
}

/** Money that was given back and came back to us: the customer did not get it. */
async function refund(ledger: Ledger, { object }: StripeEvent, atMs: number): Promise<Output> {
  const { id, status, failure_reason: reason, metadata } = object;
  if (typeof id !== 'string' || (status !== 'failed' && status !== 'canceled')) return 'refund';
  const code = typeof reason === 'string' ? reason : status;
  // What stripe-refund wrote on it: the answer with Stripe's id may still be on its way.
  const { refund: key } = asFields(metadata);
  const isKey = typeof key === 'string';
  return (await ledger.refundFailed(id, code, atMs, isKey ? key : undefined)) ? 'refund' : 'other';
}

async function dispute(ledger: Ledger, { id, type, object }: StripeEvent, atMs: number): Promise<Output> {
  const { payment_intent: intent, reason, amount, status } = object;
  if (typeof intent !== 'string') return 'other';
  const visitId = await ledger.visitOfIntent(intent);
  if (visitId === undefined) return 'other';
  const note = { event: id, type, reason: reason ?? null, amountMinor: amount ?? null, status: status ?? null };
  await ledger.flagVisit(visitId, 'disputed_at_bank', note, atMs);
  return 'dispute';
}
