// A charge as Stripe shows it: one attempt to move money, approved or declined by the card's bank.
import type Stripe from 'stripe';
import { idOf, newId } from '../books.ts';
import type { BankAnswer, TestCard } from '../card-facts.ts';
import type { Switches } from '../switches.ts';

/** How long a bank keeps money reserved (docs.stripe.com/payments/place-a-hold-on-a-payment-method). */
export const HOLD_SECONDS_ON_SESSION = 7 * 86_400;
/** Visa, without the customer present: 4 days and 18 hours. */
export const HOLD_SECONDS_OFF_SESSION_VISA = 4 * 86_400 + 18 * 3_600;

export interface ChargeFacts {
  readonly intent: Stripe.PaymentIntent;
  readonly method: Stripe.PaymentMethod;
  readonly card: TestCard;
  readonly answer: Exclude<BankAnswer, { kind: 'authenticate' }>;
  readonly offSession: boolean;
  readonly createdS: number;
  readonly switches: Switches;
}

export function newCharge({
  intent,
  method,
  card,
  answer,
  offSession,
  createdS,
  switches,
}: ChargeFacts): Stripe.Charge {
  const approved = answer.kind === 'approved';
  const held = approved && intent.capture_method === 'manual';
  const captured = approved && !held;
  return {
    id: newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: captured ? newId('txn') : null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: 'STRIPE STAND-IN',
    captured,
    created: createdS,
    currency: intent.currency,
    customer: idOf(intent.customer),
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: approved ? null : answer.code,
    failure_message: approved ? null : answer.message,
    fraud_details: {},
    livemode: false,
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: newOutcome(answer),
    paid: approved,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: {
      type: 'card',
      card: {
        ...cardDetails(intent, method, held ? createdS + holdSeconds(card, offSession) : undefined, approved),
        ...(held ? capabilities(intent, switches) : {}),
      },
    },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: approved ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  };
}

function holdSeconds(card: TestCard, offSession: boolean): number {
  return offSession && card.brand === 'visa' ? HOLD_SECONDS_OFF_SESSION_VISA : HOLD_SECONDS_ON_SESSION;
}

function newOutcome(answer: ChargeFacts['answer']): Stripe.Charge.Outcome {
  const approved = answer.kind === 'approved';
  return {
    advice_code: (approved ? undefined : answer.adviceCode) ?? null,
    network_advice_code: (approved ? undefined : answer.networkAdviceCode) ?? null,
    network_decline_code: (approved ? undefined : answer.networkDeclineCode) ?? null,
    network_status: approved ? 'approved_by_network' : 'declined_by_network',
    reason: approved ? null : (answer.declineCode ?? answer.code),
    risk_level: 'normal',
    risk_score: 12,
    seller_message: approved ? 'Payment complete.' : 'The bank declined the payment.',
    type: approved ? 'authorized' : 'issuer_declined',
  };
}

/** A standard account: nothing beyond the reserved amount is on offer, whatever was asked for. */
function cardDetails(
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  captureBeforeS: number | undefined,
  approved: boolean,
): Stripe.Charge.PaymentMethodDetails.Card {
  const card = method.card!;
  return {
    amount_authorized: approved ? intent.amount : null,
    authorization_code: approved ? '123456' : null,
    brand: card.brand,
    ...(captureBeforeS === undefined ? {} : { capture_before: captureBeforeS }),
    checks: card.checks,
    country: card.country,
    electronic_commerce_indicator: null,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    extended_authorization: { status: 'disabled' },
    fingerprint: card.fingerprint ?? null,
    funding: card.funding,
    incremental_authorization: { status: 'unavailable' },
    installments: null,
    last4: card.last4,
    mandate: null,
    multicapture: { status: 'unavailable' },
    network: card.brand,
    network_token: { used: false },
    network_transaction_id: approved ? newId('ntx', 15).slice(4) : null,
    overcapture: { maximum_amount_capturable: intent.amount, status: 'unavailable' },
    regulated_status: card.regulated_status,
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}

/** What of the account's abilities this hold asked for and got. */
function capabilities(
  intent: Stripe.PaymentIntent,
  switches: Switches,
): Pick<Stripe.Charge.PaymentMethodDetails.Card, 'incremental_authorization' | 'overcapture'> {
  const asked = intent.payment_method_options?.card?.request_incremental_authorization;
  const canRaise = switches.increments && asked === 'if_available';
  return {
    incremental_authorization: { status: canRaise ? 'available' : 'unavailable' },
    overcapture: overcaptureOf(intent, switches),
  };
}

export function overcaptureOf(
  { amount, payment_method_options: options }: Stripe.PaymentIntent,
  { overcapturePercent }: Switches,
): Stripe.Charge.PaymentMethodDetails.Card.Overcapture {
  const isAvailable = overcapturePercent > 0 && options?.card?.request_overcapture === 'if_available';
  const more = isAvailable ? Math.floor((amount * overcapturePercent) / 100) : 0;
  return { maximum_amount_capturable: amount + more, status: isAvailable ? 'available' : 'unavailable' };
}
