// What a test card is: what its bank answers when it is saved, charged, raised or refunded.

export interface Decline {
  readonly kind: 'declined';
  readonly code: string;
  /** The bank's word; some codes come without one. */
  readonly declineCode?: string;
  readonly message: string;
  /** Stripe's word on trying again. */
  readonly adviceCode?: 'try_again_later' | 'do_not_try_again' | 'confirm_card_data';
  /** The network's, as two digits. */
  readonly networkAdviceCode?: string;
  readonly networkDeclineCode?: string;
}

export type BankAnswer =
  | { readonly kind: 'approved' }
  /** The bank wants to see the cardholder (3-D Secure). */
  | { readonly kind: 'authenticate' }
  | Decline;

export interface TestCard {
  readonly name: string;
  readonly says: { readonly en: string; readonly es: string };
  readonly last4: string;
  /** Tells cards of one name apart; the last four digits are the same all the same. */
  readonly number?: string;
  readonly brand: 'visa' | 'mastercard' | 'amex';
  /** Stripe's own id for a payment method with this card, usable without a card form. */
  readonly magic: string;
  readonly onSetup: BankAnswer;
  readonly onCharge: BankAnswer;
  /** Once the cardholder has confirmed; approved unless said otherwise. */
  readonly onAuthenticated?: Decline;
  /** What the bank says while the cardholder is away; the same unless said otherwise. */
  readonly onOffSession?: BankAnswer;
  /** What the bank says when a hold is to be raised; approved unless said otherwise. */
  readonly onIncrement?: Decline;
  /** Its bank asks for the cardholder until the card is saved with a customer. */
  readonly asksUnlessSaved?: boolean;
  /** Refunds to this card: `failed` is told later, by an event. */
  readonly refund?: 'pending' | 'failed';
  /** The cardholder disputes each charge. */
  readonly disputes?: boolean;
}
