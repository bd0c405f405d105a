// Reserves money on a stored card, judged by the state that Stripe reports; what is not wanted is cancelled at once.
import { type Emission, says, shows } from '@tapcase/define-node';
import { CARD_GONE, Fault, formatMinor } from '@tapcase/domain';
import {
  type Intent,
  intentResult,
  type Refusal,
  type SendBefore,
  type StripeAccount,
} from '../stripe-account/contract.ts';
import type { FullHold } from './contract.ts';

type Output = 'held' | 'declined' | 'needs-action';

export async function hold(account: StripeAccount, order: FullHold, before?: SendBefore): Promise<Emission<Output>> {
  const idempotencyKey = `${order.id}:hold:${order.attempt}`;
  const answer = await account.hold({ ...order, before, idempotencyKey });
  if (answer.kind === 'refused') return refused(order, answer.refusal, answer.intent);
  return judge(account, order, answer.intent);
}

async function judge(account: StripeAccount, order: FullHold, intent: Intent): Promise<Emission<Output>> {
  switch (intent.status) {
    case 'requires_capture':
      return held(order, intent);
    case 'requires_action':
      // The bank wants its customer to confirm, which a door cannot wait for.
      return needsAction(await drop(account, order, intent));
    default:
      await drop(account, order, intent);
      throw new Fault('stripe.unexpected-status', `Stripe made the hold ${intent.status}; it was cancelled`, {
        intent: intent.id,
        status: intent.status,
      });
  }
}

/** A hold of before, whatever has become of it: it is reported as it is. */
export async function heldEarlier(account: StripeAccount, order: FullHold, intent: Intent): Promise<Emission<Output>> {
  if (intent.status === 'requires_capture' || intent.status === 'requires_action') return judge(account, order, intent);
  return { to: 'declined', add: { stripe: intentResult(intent) }, status: shows(intent.status), look: 'needs-person' };
}

function held({ amountMinor, currency }: FullHold, intent: Intent): Emission<Output> {
  return { to: 'held', add: { stripe: intentResult(intent, null) }, status: shows(formatMinor(amountMinor, currency)) };
}

function refused(order: FullHold, refusal: Refusal, intent: Intent | null): Emission<Output> {
  const { declined, code, declineCode, message } = refusal;
  if (!declined && code !== CARD_GONE)
    throw new Fault('stripe.refused-request', `Stripe refused: ${message}`, { stripeCode: code });
  const stripe = { ...intentResult(intent, refusal), customer: order.customer };
  if (intent === null) stripe.status = 'requires_payment_method';
  if (code === 'authentication_required') {
    return { to: 'needs-action', add: { stripe }, status: says('bank asks for them'), look: 'needs-person' };
  }
  return { to: 'declined', add: { stripe }, status: shows(declineCode ?? code), look: 'needs-person' };
}

function needsAction(intent: Intent): Emission<Output> {
  const stripe = { ...intentResult(intent, null), code: 'authentication_required' };
  return { to: 'needs-action', add: { stripe }, status: says('bank asks for them'), look: 'needs-person' };
}

/** Cancels at once. A Fault leaves the outcome open: the same message again finds the same intent and cancels it then. */
async function drop(account: StripeAccount, order: FullHold, { id }: Intent): Promise<Intent> {
  const answer = await account.cancel({ intent: id, idempotencyKey: `${order.id}:drop:${order.attempt}` });
  const now = answer.intent;
  if (now?.status === 'canceled') return now;
  throw new Fault('stripe.unexpected-status', `a hold that was not wanted is now ${now?.status ?? 'unknown'}`, {
    intent: id,
    status: now?.status ?? null,
  });
}
