// The test cards, by a name a person can type: what the bank answers when each is saved, charged, raised or refunded.
// Numbers, codes and ids are those of docs.stripe.com/testing; the network's codes are typical ones of Visa's, which
// Stripe does not document by card.
import type { Decline, TestCard } from './card-facts.ts';

const GENERIC = declined('card_declined', 'generic_decline', 'Your card was declined.', { network: '05' });
const NO_FUNDS = declined('card_declined', 'insufficient_funds', 'Your card has insufficient funds.', {
  advice: 'try_again_later',
  network: '51',
  networkAdvice: '02',
});
const LOST = gone('lost_card', '41');
const STOLEN = gone('stolen_card', '43');
const EXPIRED = declined('expired_card', undefined, 'Your card has expired.', {
  advice: 'confirm_card_data',
  network: '54',
  networkAdvice: '01',
});
const WRONG_CVC = declined('incorrect_cvc', undefined, 'Your card’s security code is incorrect.', {
  advice: 'confirm_card_data',
  network: 'N7',
});
const FAILURE = declined('processing_error', undefined, 'An error occurred while processing your card.', {
  advice: 'try_again_later',
  network: '96',
});
const TOO_OFTEN = declined('card_declined', 'card_velocity_exceeded', 'Your card was asked too often.', {
  advice: 'try_again_later',
  network: '65',
});
const FRAUD = declined('card_declined', 'fraudulent', 'Your card was declined.', { advice: 'do_not_try_again' });

export const TEST_CARDS: readonly TestCard[] = [
  card('visa', '4242', 'pm_card_visa', ['Works', 'Funciona']),
  { ...card('mastercard', '4444', 'pm_card_mastercard', ['Works', 'Funciona']), brand: 'mastercard' },
  { ...card('amex', '8431', 'pm_card_amex', ['Works', 'Funciona']), brand: 'amex' },
  {
    ...card('declined', '0002', 'pm_card_visa_chargeDeclined', [
      'Is declined when it is saved',
      'Se rechaza al guardarla',
    ]),
    onSetup: GENERIC,
    onCharge: GENERIC,
  },
  charged('decline-after-attach', '0341', 'pm_card_chargeCustomerFail', GENERIC, [
    'Can be saved, is declined when charged',
    'Se puede guardar, se rechaza al cobrar',
  ]),
  // Stripe refuses to save the next ones; here they can be, so that the bank's answer is heard at the door.
  charged('insufficient-funds', '9995', 'pm_card_visa_chargeDeclinedInsufficientFunds', NO_FUNDS, [
    'Can be saved, has no money on it',
    'Se puede guardar, no tiene fondos',
  ]),
  charged('lost', '9987', 'pm_card_visa_chargeDeclinedLostCard', LOST, ['Was reported lost', 'Figura como perdida']),
  charged('stolen', '9979', 'pm_card_visa_chargeDeclinedStolenCard', STOLEN, [
    'Was reported stolen',
    'Figura como robada',
  ]),
  charged('processing-error', '0119', 'pm_card_chargeDeclinedProcessingError', FAILURE, [
    'Its bank has a failure',
    'Su banco tiene un fallo',
  ]),
  charged('incorrect-cvc', '0127', 'pm_card_chargeDeclinedIncorrectCvc', WRONG_CVC, [
    'Its security code is wrong',
    'Su código de seguridad es incorrecto',
  ]),
  charged('velocity-exceeded', '6975', 'pm_card_visa_chargeDeclinedVelocityLimitExceeded', TOO_OFTEN, [
    'Was used too often',
    'Se usó demasiadas veces',
  ]),
  charged('fraudulent', '0019', 'pm_card_radarBlock', FRAUD, ['Is blocked as fraud', 'Bloqueada por fraude']),
  {
    ...card('expired', '0069', 'pm_card_chargeDeclinedExpiredCard', ['Has expired', 'Está caducada']),
    onSetup: EXPIRED,
    onCharge: EXPIRED,
  },
  charged('authentication-required', '3184', 'pm_card_authenticationRequired', { kind: 'authenticate' }, [
    'Its bank asks to confirm each payment',
    'Su banco pide confirmar cada pago',
  ]),
  // Here Stripe's own rules (Radar) ask for its holder, at each payment.
  charged('3d-secure-required', '3220', 'pm_card_threeDSecure2Required', { kind: 'authenticate' }, [
    'Asks to confirm each payment (3-D Secure)',
    'Pide confirmar cada pago (3-D Secure)',
  ]),
  {
    ...card('authentication-at-setup', '3155', 'pm_card_authenticationRequiredOnSetup', [
      'Its bank asks once, when it is saved',
      'Su banco pregunta una vez, al guardarla',
    ]),
    asksUnlessSaved: true,
  },
  {
    // Not one of Stripe's: theirs ask always, or only until they are saved, and a remainder needs one that asks later.
    ...card('confirms-when-away', '0036', 'pm_card_confirmsWhenAway', [
      'Its bank asks for you when you are away',
      'Su banco pregunta por ti si no estás',
    ]),
    onOffSession: { kind: 'authenticate' },
  },
  {
    ...card('authenticates-without-funds', '3178', 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds', [
      'Its bank asks to confirm, then says no',
      'Su banco pide confirmar y luego la rechaza',
    ]),
    onCharge: { kind: 'authenticate' },
    onAuthenticated: NO_FUNDS,
    onOffSession: NO_FUNDS,
  },
  {
    // Not one of Stripe's: their cards decline always or never, and a remainder needs one that declines later.
    ...card('declines-when-away', '0010', 'pm_card_declinesWhenAway', [
      'Pays at the door, is declined when you are away',
      'Paga en la puerta, se rechaza si no estás',
    ]),
    onOffSession: NO_FUNDS,
  },
  {
    // Stripe documents the case, and gives no card for it.
    ...card('increment-declined', '0028', 'pm_card_incrementDeclined', [
      'Works, its hold cannot be raised',
      'Funciona, su retención no se puede subir',
    ]),
    onIncrement: GENERIC,
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

function card(name: string, last4: string, magic: string, [en, es]: readonly [string, string]): TestCard {
  const approved = { kind: 'approved' } as const;
  return { name, says: { en, es }, last4, brand: 'visa', magic, onSetup: approved, onCharge: approved };
}

/** Can be saved; what its bank says is heard when it is charged. */
function charged(
  name: string,
  last4: string,
  magic: string,
  onCharge: TestCard['onCharge'],
  says: readonly [string, string],
): TestCard {
  return { ...card(name, last4, magic, says), onCharge };
}

interface Advice {
  readonly advice?: 'try_again_later' | 'do_not_try_again' | 'confirm_card_data';
  readonly network?: string;
  readonly networkAdvice?: string;
}

function declined(code: string, declineCode: string | undefined, message: string, advice: Advice): Decline {
  return {
    kind: 'declined',
    code,
    message,
    ...(declineCode === undefined ? {} : { declineCode }),
    ...(advice.advice === undefined ? {} : { adviceCode: advice.advice }),
    ...(advice.network === undefined ? {} : { networkDeclineCode: advice.network }),
    ...(advice.networkAdvice === undefined ? {} : { networkAdviceCode: advice.networkAdvice }),
  };
}

function gone(declineCode: string, network: string): Decline {
  const advice = { advice: 'do_not_try_again', network, networkAdvice: '03' } as const;
  return declined('card_declined', declineCode, 'Your card was declined.', advice);
}
