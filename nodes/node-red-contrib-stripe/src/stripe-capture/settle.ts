// Captures a hold, lets it go or raises it. Judged by the state Stripe reports, not by which call made it so.
import { type Emission, shows } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX, type Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { type Intent, type IntentAnswer, intentResult, type StripeAccount } from '../stripe-account/contract.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';

/** `msg.settle` */
export interface SettleMessage {
  /** The caller's own id of what is paid for. With kind and attempt it makes the idempotency key. */
  readonly id: string;
  readonly attempt: number;
  readonly kind: 'capture' | 'cancel' | 'increment';
  readonly intent: string;
  /** capture: what to take; increment: the hold's new total; cancel: 0. */
  readonly amountMinor: number;
}

/** `stripe.bad-message` naming the field. */
export function parseSettle(raw: unknown): SettleMessage | Fault {
  return parsed(() => {
    const read = new FieldReader(asFields(raw).settle, 'stripe.bad-message', 'msg.settle.');
    const kind = read.oneOf('kind', ['capture', 'cancel', 'increment']);
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
      kind,
      intent: read.text('intent', /^pi_\w{1,252}$/),
      amountMinor: kind === 'cancel' ? 0 : read.whole('amountMinor', 1, AMOUNT_MINOR_MAX),
    };
  });
}

export async function settle(account: StripeAccount, order: SettleMessage): Promise<Emission<'settled' | 'refused'>> {
  return judge(order, await ask(account, order));
}

function ask(account: StripeAccount, { id, kind, attempt, intent, amountMinor }: SettleMessage): Promise<IntentAnswer> {
  const idempotencyKey = `${id}:${kind}:${attempt}`;
  switch (kind) {
    case 'capture':
      return account.capture({ intent, amountMinor, idempotencyKey });
    case 'increment':
      return account.increment({ intent, amountMinor, idempotencyKey });
    case 'cancel':
      return account.cancel({ intent, idempotencyKey });
  }
}

/** A refusal that carries an intent already in the wanted state means: an earlier try got through. */
function judge(order: SettleMessage, answer: IntentAnswer): Emission<'settled' | 'refused'> {
  const { intent } = answer;
  if (intent !== null && isAsOrdered(order, intent)) {
    return { to: 'settled', add: { settled: intentResult(intent, null) }, status: shows(intent.status) };
  }
  const refusal = answer.kind === 'refused' ? answer.refusal : UNEXPECTED;
  const settled = { ...intentResult(intent, refusal), intent: intent?.id ?? order.intent };
  return { to: 'refused', add: { settled }, status: shows(settled.status), look: 'needs-person' };
}

/** Stripe did something else than what it was asked, and did not say why. */
const UNEXPECTED = {
  declined: false,
  code: 'unexpected_state',
  declineCode: null,
  adviceCode: null,
  message: 'the payment is not as ordered',
};

function isAsOrdered(
  { kind, amountMinor }: SettleMessage,
  { status, amountReceivedMinor, amountMinor: held }: Intent,
): boolean {
  switch (kind) {
    case 'cancel':
      return status === 'canceled';
    case 'capture':
      return status === 'succeeded' && amountReceivedMinor === amountMinor;
    case 'increment':
      return status === 'requires_capture' && held >= amountMinor;
  }
}
