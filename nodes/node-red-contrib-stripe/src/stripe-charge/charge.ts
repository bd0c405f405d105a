// Charges a stored card while its owner is away. The bank's no is an answer.
import type { Emission } from '@tapcase/define-node';
import { Fault, formatMinor } from '@tapcase/domain';
import { type Intent, intentResult, type Refusal, type StripeAccount } from '../stripe-account/contract.ts';
import type { FullCharge } from './contract.ts';

type Output = 'charged' | 'declined';

export async function charge(account: StripeAccount, order: FullCharge): Promise<Emission<Output>> {
  const answer = await account.charge({ ...order, idempotencyKey: `${order.id}:charge:${order.attempt}` });
  return answer.kind === 'refused' ? declined(answer.refusal, answer.intent) : judge(order, answer.intent);
}

function judge({ amountMinor, currency }: FullCharge, intent: Intent): Emission<Output> {
  if (intent.status === 'succeeded') {
    return { to: 'charged', add: { charged: intentResult(intent, null) }, status: formatMinor(amountMinor, currency) };
  }
  // Off-session a card is charged or declined at once; anything else is to be looked at later, never charged again.
  throw new Fault('stripe.unknown-outcome', `Stripe made the charge ${intent.status}`, { intent: intent.id });
}

/** Also what cannot be charged at all (`amount_too_small`): the caller decides what becomes of the rest. */
function declined(refusal: Refusal, intent: Intent | null): Emission<Output> {
  const status = refusal.declineCode ?? refusal.code;
  return { to: 'declined', add: { charged: intentResult(intent, refusal) }, status, look: 'needs-person' };
}
