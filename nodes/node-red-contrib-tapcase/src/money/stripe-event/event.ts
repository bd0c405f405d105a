// What an event of Stripe's changes: at most when a visit is looked at. Its amounts are never believed, Stripe is asked.
import { asFields, parsed, part, readFields, says, shows } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { Ledger, StripeHint } from '@tapcase/ledger';
import type { EventConfig, EventOutput } from './contract.ts';

/** `msg.event`, as stripe-webhook verified it or as it was fetched. */
interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** `metadata.visit` of what it is about; undefined where it is none of ours. */
  readonly visitId: string | undefined;
}

type Change = 'card' | 'card-gone' | 'visit' | 'refund' | 'dispute' | 'other';

export const event = part<EventConfig, StripeEvent, EventOutput>({
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    return async (told) => {
      const atMs = node.now();
      const change = await apply(ledger, told, atMs);
      // Afterwards: an event that was written down but not applied would be lost for good. Applying twice does nothing.
      const isNew = await ledger.recordWebhook(told.id, told.type, atMs);
      if (!isNew) return { to: 'nothing', add: { change: 'repeated' }, status: says('repeated') };
      const to = change === 'card' || change === 'visit' ? change : 'nothing';
      return { to, add: { change }, status: shows(told.type), look: change === 'dispute' ? 'needs-person' : 'did' };
    };
  },
});

async function apply(ledger: Ledger, event: StripeEvent, atMs: number): Promise<Change> {
  const { type, object, visitId } = event;
  if (type === 'checkout.session.completed' && object.mode === 'setup') return 'card';
  if (type === 'payment_method.detached' && typeof object.id === 'string') {
    return (await ledger.cardGone(object.id, atMs)) ? 'card-gone' : 'other';
  }
  if (type.startsWith('charge.dispute.')) return dispute(ledger, event, atMs);
  if (type.startsWith('refund.') || type === 'charge.refund.updated') return refund(ledger, event, atMs);
  if (visitId === undefined) return 'other';
  return (await ledger.wakeMoney(visitId, atMs, hintOf(event))) ? 'visit' : 'other';
}

/** Money that was given back and came back to us: the customer did not get it. */
async function refund(ledger: Ledger, { object }: StripeEvent, atMs: number): Promise<Change> {
  const { id, status, failure_reason: reason, metadata, payment_intent: intent } = object;
  if (typeof id !== 'string') return 'other';
  if (status !== 'failed' && status !== 'canceled') return foreignRefund(ledger, { id, intent, metadata }, atMs);
  const code = typeof reason === 'string' ? reason : status;
  // What stripe-refund wrote on it: the answer with Stripe's id may still be on its way.
  const { refund: key } = asFields(metadata);
  const isKey = typeof key === 'string';
  return (await ledger.refundFailed(id, code, atMs, isKey ? key : undefined)) ? 'refund' : 'other';
}

/** One that nobody here has ordered was made at Stripe's dashboard: the payment is looked at. */
async function foreignRefund(
  ledger: Ledger,
  { id, intent, metadata }: { id: string; intent: unknown; metadata: unknown },
  atMs: number,
): Promise<Change> {
  const visitId = typeof intent === 'string' ? await ledger.visitOfIntent(intent) : undefined;
  if (visitId === undefined) return 'refund';
  const { refund: key } = asFields(metadata);
  const hint = { intent: intent as string, refund: { id, key: typeof key === 'string' ? key : undefined } };
  return (await ledger.doubtMoney(visitId, hint, atMs)) ? 'visit' : 'refund';
}

/** What the event says of a payment or of its charge; undefined for other things. */
function hintOf({ object }: StripeEvent): StripeHint | undefined {
  const number = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : undefined);
  const { object: kind, id, status, payment_intent: intent } = object;
  if (kind === 'payment_intent' && typeof id === 'string') {
    return { intent: id, status: String(status), receivedMinor: number(object.amount_received) };
  }
  if (kind !== 'charge' || typeof intent !== 'string') return undefined;
  return { intent, refundedMinor: number(object.amount_refunded) };
}

async function dispute(ledger: Ledger, { id, type, object }: StripeEvent, atMs: number): Promise<Change> {
  const { id: dispute, payment_intent: intent, reason, amount, status } = object;
  if (typeof intent !== 'string') return 'other';
  const visitId = await ledger.visitOfIntent(intent);
  if (visitId === undefined) return 'other';
  // By its id the audit of the day knows that it was told.
  const note = {
    event: id,
    type,
    dispute,
    reason: reason ?? null,
    amountMinor: amount ?? null,
    status: status ?? null,
  };
  await ledger.flagVisit(visitId, 'disputed_at_bank', note, atMs);
  return 'dispute';
}

/** `event.invalid` */
function parseMessage(raw: unknown): StripeEvent | Fault {
  return parsed(() => {
    const { event } = asFields(raw);
    const read = readFields(event, 'event.invalid', 'event.');
    const object = asFields(asFields(event).object);
    const { visit } = asFields(object.metadata);
    return {
      id: read.text('id', { max: 255, pattern: /^evt_\w+$/ }),
      type: read.text('type', { max: 100 }),
      object,
      visitId: typeof visit === 'string' && /^[a-z0-9-]{1,64}$/i.test(visit) ? visit : undefined,
    };
  });
}
