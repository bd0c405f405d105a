// The test cards, by a name a person can type: what the bank answers when each is saved, and when it is charged.

export type BankAnswer =
  | { readonly kind: 'approved' }
  /** The bank wants to see the cardholder (3-D Secure). */
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'declined'; readonly code: string; readonly declineCode: string; readonly message: string };

export interface TestCard {
  readonly name: string;
  readonly says: { readonly en: string; readonly es: string };
  readonly last4: string;
  readonly brand: 'visa' | 'mastercard' | 'amex';
  /** Stripe's own id for a payment method with this card, usable without a card form. */
  readonly magic: string;
  readonly onSetup: BankAnswer;
  readonly onCharge: BankAnswer;
}

const APPROVED: BankAnswer = { kind: 'approved' };
const GENERIC_DECLINE = declined('card_declined', 'generic_decline', 'Your card was declined.');

/** docs.stripe.com/testing; the numbers' last four digits are Stripe's. */
export const TEST_CARDS: readonly TestCard[] = [
  {
    name: 'visa',
    says: { en: 'Works', es: 'Funciona' },
    last4: '4242',
    brand: 'visa',
    magic: 'pm_card_visa',
    onSetup: APPROVED,
    onCharge: APPROVED,
  },
  {
    name: 'mastercard',
    says: { en: 'Works', es: 'Funciona' },
    last4: '4444',
    brand: 'mastercard',
    magic: 'pm_card_mastercard',
    onSetup: APPROVED,
    onCharge: APPROVED,
  },
  {
    name: 'declined',
    says: { en: 'Is declined when it is saved', es: 'Se rechaza al guardarla' },
    last4: '0002',
    brand: 'visa',
    magic: 'pm_card_visa_chargeDeclined',
    onSetup: GENERIC_DECLINE,
    onCharge: GENERIC_DECLINE,
  },
  {
    name: 'decline-after-attach',
    says: { en: 'Can be saved, is declined when charged', es: 'Se puede guardar, se rechaza al cobrar' },
    last4: '0341',
    brand: 'visa',
    magic: 'pm_card_chargeCustomerFail',
    onSetup: APPROVED,
    onCharge: GENERIC_DECLINE,
  },
  {
    name: 'insufficient-funds',
    says: { en: 'Can be saved, has no money on it', es: 'Se puede guardar, no tiene fondos' },
    last4: '9995',
    brand: 'visa',
    magic: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    onSetup: APPROVED,
    onCharge: declined('card_declined', 'insufficient_funds', 'Your card has insufficient funds.'),
  },
  {
    name: 'authentication-required',
    says: { en: 'Its bank asks to confirm each payment', es: 'Su banco pide confirmar cada pago' },
    last4: '3184',
    brand: 'visa',
    magic: 'pm_card_authenticationRequired',
    // The card page stands for the bank's own question, so saving succeeds.
    onSetup: APPROVED,
    onCharge: { kind: 'authenticate' },
  },
  {
    name: 'expired',
    says: { en: 'Has expired', es: 'Está caducada' },
    last4: '0069',
    brand: 'visa',
    magic: 'pm_card_chargeDeclinedExpiredCard',
    onSetup: declined('expired_card', 'expired_card', 'Your card has expired.'),
    onCharge: declined('expired_card', 'expired_card', 'Your card has expired.'),
  },
];

export function testCard(name: string): TestCard | undefined {
  return TEST_CARDS.find((card) => card.name === name);
}

export function testCardByMagic(id: string): TestCard | undefined {
  return TEST_CARDS.find((card) => card.magic === id);
}

function declined(code: string, declineCode: string, message: string): BankAnswer {
  return { kind: 'declined', code, declineCode, message };
}
