// Charges a stored card while its owner is away. The bank's no is an answer.
import { type Emission, shows } from '@tapcase/define-node';
import { Fault, formatMinor } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';
import { type Order, wholeOrder } from '../order.ts';
import {
  type Intent,
  intentResult,
  type Refusal,
  type SendBefore,
  type StripeAccount,
} from '../stripe-account/contract.ts';
import { ATTEMPT_MAX, CALLER_ID } from '../stripe-hold/contract.ts';
import { type EarlierMarks, earlier, readFence } from './earlier.ts';

/** `msg.charge` */
interface ChargeMessage extends Order {
  /** The caller's own id of what is paid for. With `attempt` it makes the idempotency key. */
  readonly id: string;
  readonly attempt: number;
  /** How it is known whether Stripe has had it before. undefined: the caller knows. */
  readonly fence: EarlierMarks | undefined;
}

/** `stripe.bad-message` naming the field. */
export function parseCharge(raw: unknown): ChargeMessage | Fault {
  return parsed(() => {
    const fields = asFields(raw);
    const read = new FieldReader(fields.charge, 'stripe.bad-message', 'msg.charge.');
    return {
      id: read.text('id', CALLER_ID),
      attempt: read.whole('attempt', 1, ATTEMPT_MAX),
      ...wholeOrder(fields, 'charge'),
      fence: readFence(fields.charge, 'msg.charge.'),
    };
  });
}

type Output = 'charged' | 'declined';

export async function charge(
  account: StripeAccount,
  { fence, ...order }: ChargeMessage,
  lease?: SendBefore['lease'],
): Promise<Emission<Output>> {
  const known = fence === undefined ? undefined : await earlier(account, order.customer, fence);
  if (known?.payment !== undefined) return madeEarlier({ ...order, fence }, known.payment);
  const before = { lease, stripeMs: known?.keyGoodUntilMs };
  const answer = await account.charge({ ...order, before, idempotencyKey: `${order.id}:charge:${order.attempt}` });
  return answer.kind === 'refused'
    ? declined(answer.refusal, answer.intent)
    : judge({ ...order, fence }, answer.intent);
}

/** Asked for before this ledger, or this process, knew of it. */
function madeEarlier(order: ChargeMessage, intent: Intent): Emission<Output> {
  return intent.lastRefusal === null || intent.status === 'succeeded'
    ? judge(order, intent)
    : declined(intent.lastRefusal, intent);
}

function judge({ amountMinor, currency }: ChargeMessage, intent: Intent): Emission<Output> {
  if (intent.status === 'succeeded') {
    return {
      to: 'charged',
      add: { charged: intentResult(intent, null) },
      status: shows(formatMinor(amountMinor, currency)),
    };
  }
  // Off-session a card is charged or declined at once; anything else is to be looked at later, never charged again.
  throw new Fault('stripe.unknown-outcome', `Stripe made the charge ${intent.status}`, { intent: intent.id });
}

/** Also what cannot be charged at all (`amount_too_small`): the caller decides what becomes of the rest. */
function declined(refusal: Refusal, intent: Intent | null): Emission<Output> {
  const status = shows(refusal.declineCode ?? refusal.code);
  return { to: 'declined', add: { charged: intentResult(intent, refusal) }, status, look: 'needs-person' };
}
