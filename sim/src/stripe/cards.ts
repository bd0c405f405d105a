// The test cards, by a name a person can type: what the bank answers when each is saved, and when it is charged.

export type BankAnswer =
  | { readonly kind: 'approved' }
  /** The bank wants to see the cardholder (3-D Secure). */
  | { readonly kind: 'authenticate' }
  | {
      readonly kind: 'declined';
      readonly code: string;
      readonly declineCode: string;
      readonly message: string;
      /** The network's word on trying again. */
      readonly adviceCode?: 'try_again_later' | 'do_not_try_again' | 'confirm_card_data';
    };

export interface TestCard {
  readonly name: string;
  readonly says: { readonly en: string; readonly es: string };
  readonly last4: string;
  readonly brand: 'visa' | 'mastercard' | 'amex';
  /** Stripe's own id for a payment method with this card, usable without a card form. */
  readonly magic: string;
  readonly onSetup: BankAnswer;
  readonly onCharge: BankAnswer;
  /** What the bank says while the cardholder is away; the same unless said otherwise. */
  readonly onOffSession?: BankAnswer;
  /** What the bank says when a hold is to be raised. */
  readonly onIncrement?: BankAnswer;
  /** Refunds to this card: `failed` is told later, by an event. */
  readonly refund?: 'pending' | 'failed';
  /** The cardholder disputes each charge. */
  readonly disputes?: boolean;
}

const APPROVED: BankAnswer = { kind: 'approved' };
const GENERIC_DECLINE = declined('card_declined', 'generic_decline', 'Your card was declined.');

/** docs.stripe.com/testing; the numbers' last four digits are Stripe's. */
export const TEST_CARDS: readonly TestCard[] = [
  card('visa', '4242', 'pm_card_visa', ['Works', 'Funciona']),
  { ...card('mastercard', '4444', 'pm_card_mastercard', ['Works', 'Funciona']), brand: 'mastercard' },
  {
    ...card('declined', '0002', 'pm_card_visa_chargeDeclined', [
      'Is declined when it is saved',
      'Se rechaza al guardarla',
    ]),
    onSetup: GENERIC_DECLINE,
    onCharge: GENERIC_DECLINE,
  },
  charged('decline-after-attach', '0341', 'pm_card_chargeCustomerFail', GENERIC_DECLINE, [
    'Can be saved, is declined when charged',
    'Se puede guardar, se rechaza al cobrar',
  ]),
  charged(
    'insufficient-funds',
    '9995',
    'pm_card_visa_chargeDeclinedInsufficientFunds',
    declined('card_declined', 'insufficient_funds', 'Your card has insufficient funds.', 'try_again_later'),
    ['Can be saved, has no money on it', 'Se puede guardar, no tiene fondos'],
  ),
  {
    // Not one of Stripe's: their cards decline always or never, and a remainder needs one that declines later.
    ...card('declines-when-away', '0010', 'pm_card_declinesWhenAway', [
      'Pays at the door, is declined when you are away',
      'Paga en la puerta, se rechaza si no estás',
    ]),
    onOffSession: declined(
      'card_declined',
      'insufficient_funds',
      'Your card has insufficient funds.',
      'try_again_later',
    ),
  },
  charged('authentication-required', '3184', 'pm_card_authenticationRequired', { kind: 'authenticate' }, [
    'Its bank asks to confirm each payment',
    'Su banco pide confirmar cada pago',
  ]),
  {
    ...card('confirms-when-away', '3220', 'pm_card_threeDSecure2Required', [
      'Its bank asks for you when you are away',
      'Su banco pregunta por ti si no estás',
    ]),
    onOffSession: { kind: 'authenticate' },
  },
  card('authentication-at-setup', '3155', 'pm_card_authenticationRequiredOnSetup', [
    'Its bank asks once, when it is saved',
    'Su banco pregunta una vez, al guardarla',
  ]),
  {
    ...card('expired', '0069', 'pm_card_chargeDeclinedExpiredCard', ['Has expired', 'Está caducada']),
    onSetup: declined('expired_card', 'expired_card', 'Your card has expired.', 'confirm_card_data'),
    onCharge: declined('expired_card', 'expired_card', 'Your card has expired.', 'confirm_card_data'),
  },
  charged(
    'lost',
    '9987',
    'pm_card_visa_chargeDeclinedLostCard',
    declined('card_declined', 'lost_card', 'Your card was declined.', 'do_not_try_again'),
    ['Was reported lost', 'Figura como perdida'],
  ),
  charged(
    'stolen',
    '9979',
    'pm_card_visa_chargeDeclinedStolenCard',
    declined('card_declined', 'stolen_card', 'Your card was declined.', 'do_not_try_again'),
    ['Was reported stolen', 'Figura como robada'],
  ),
  charged(
    'processing-error',
    '0119',
    'pm_card_visa_chargeDeclinedProcessingError',
    declined(
      'processing_error',
      'processing_error',
      'An error occurred while processing your card.',
      'try_again_later',
    ),
    ['Its bank has a failure', 'Su banco tiene un fallo'],
  ),
  {
    // Stripe documents the case, and gives no card for it.
    ...card('increment-declined', '0028', 'pm_card_incrementDeclined', [
      'Works, its hold cannot be raised',
      'Funciona, su retención no se puede subir',
    ]),
    onIncrement: GENERIC_DECLINE,
  },
  {
    ...card('refund-pending', '7726', 'pm_card_pendingRefund', [
      'Works, a refund takes a while',
      'Funciona, una devolución tarda',
    ]),
    refund: 'pending',
  },
  {
    ...card('refund-fails', '5126', 'pm_card_refundFail', [
      'Works, a refund fails later',
      'Funciona, una devolución falla después',
    ]),
    refund: 'failed',
  },
  {
    ...card('dispute', '0259', 'pm_card_createDispute', ['Works, then is disputed', 'Funciona, luego se disputa']),
    disputes: true,
  },
];

export function testCard(name: string): TestCard | undefined {
  return TEST_CARDS.find((card) => card.name === name);
}

export function testCardByMagic(id: string): TestCard | undefined {
  return TEST_CARDS.find((card) => card.magic === id);
}

function card(name: string, last4: string, magic: string, [en, es]: readonly [string, string]): TestCard {
  return { name, says: { en, es }, last4, brand: 'visa', magic, onSetup: APPROVED, onCharge: APPROVED };
}

/** Can be saved; what its bank says is heard when it is charged. */
function charged(
  name: string,
  last4: string,
  magic: string,
  onCharge: BankAnswer,
  says: readonly [string, string],
): TestCard {
  return { ...card(name, last4, magic, says), onCharge };
}

function declined(
  code: string,
  declineCode: string,
  message: string,
  adviceCode?: 'try_again_later' | 'do_not_try_again' | 'confirm_card_data',
): BankAnswer {
  return { kind: 'declined', code, declineCode, message, ...(adviceCode === undefined ? {} : { adviceCode }) };
}
