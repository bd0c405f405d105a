// What may be said when a PaymentIntent is made, one line for each parameter that Stripe documents, and what is done with it
// here. Source: PaymentIntentCreateParams of stripe 23.1.0 (API 2026-10-28.endive), read on 2026-12-01; a test holds the
// names against the installed SDK. Open: no page says what Stripe answers, so it is refused.

export type ParamRule =
  /** Read, checked, and shown in the payment where it has a place there. */
  | 'taken'
  /** Its id names something that this account has none of, and is missing, as it would be at Stripe. */
  | { readonly names: string; readonly at: readonly string[]; readonly isOpen?: true }
  /** Not taken, and why. */
  | { readonly refused: string; readonly code?: string; readonly isOpen?: true };

export const CREATE_PARAMS: Readonly<Record<string, ParamRule>> = {
  allowed_payment_method_types: 'taken',
  amount: 'taken',
  amount_details: 'taken',
  application_fee_amount: {
    refused: 'An application fee wants a connected account, and this account has none.',
    code: 'application_fees_not_allowed',
    isOpen: true,
  },
  automatic_payment_methods: 'taken',
  capture_method: 'taken',
  confirm: 'taken',
  confirmation_method: 'taken',
  confirmation_token: { names: 'confirmationtoken', at: [] },
  currency: 'taken',
  customer: 'taken',
  customer_account: { names: 'account', at: [] },
  description: 'taken',
  error_on_requires_action: 'taken',
  excluded_payment_method_types: 'taken',
  expand: 'taken',
  hooks: { names: 'tax calculation', at: ['inputs', 'tax', 'calculation'] },
  mandate: { names: 'mandate', at: [] },
  mandate_data: 'taken',
  metadata: 'taken',
  off_session: 'taken',
  on_behalf_of: { names: 'account', at: [], isOpen: true },
  payment_details: 'taken',
  payment_method: 'taken',
  payment_method_configuration: { names: 'payment_method_configuration', at: [] },
  payment_method_data: {
    refused: 'A card’s number is told to Stripe’s own page only, and the stand-in has no other method.',
    code: 'payment_intent_invalid_parameter',
    isOpen: true,
  },
  payment_method_options: 'taken',
  radar_options: 'taken',
  receipt_email: 'taken',
  return_url: 'taken',
  setup_future_usage: 'taken',
  shipping: 'taken',
  statement_descriptor: {
    // "Setting this value for a card charge returns an error": the SDK's words; which one is open.
    refused: 'A card charge takes statement_descriptor_suffix only.',
    code: 'payment_intent_invalid_parameter',
    isOpen: true,
  },
  statement_descriptor_suffix: 'taken',
  transfer_data: { names: 'account', at: ['destination'], isOpen: true },
  transfer_group: 'taken',
  use_stripe_sdk: 'taken',
};

/** "This parameter can only be used with confirm=true." */
export const ONLY_WITH_CONFIRM = ['error_on_requires_action', 'mandate', 'mandate_data', 'off_session', 'return_url'];
