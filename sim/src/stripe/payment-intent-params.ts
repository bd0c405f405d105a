// Reads what a caller may say when a PaymentIntent is made or confirmed, and refuses what this API version refuses.
import type Stripe from 'stripe';
import { checkAmount } from './amounts.ts';
import { readMore } from './more-params.ts';
import type { PaymentIntentFacts } from './objects/payment-intent.ts';
import { mergeMetadata, type Params } from './params.ts';
import { badRequest } from './refusal.ts';

export interface Confirmation {
  readonly offSession: boolean;
  readonly errorOnRequiresAction: boolean;
  readonly returnUrl: string | undefined;
  readonly asksInPage: boolean;
}

export interface Creation {
  readonly facts: PaymentIntentFacts;
  readonly paymentMethod: string | undefined;
  /** Only when `confirm` was asked for. */
  readonly confirmation: Confirmation | undefined;
}

export function readCreation(params: Params): Creation {
  refuseRemovedParameter(params);
  const amount = params.requiredInteger('amount');
  const currency = params.requiredText('currency');
  checkAmount(amount, currency);
  const confirm = params.flag('confirm') ?? false;
  const confirmation = readConfirmation(params);
  const { automatic, allowedTypes } = readMethodChoice(params);
  const more = readMore(params, { amount, confirm });
  const redirects = automatic !== null && automatic.allow_redirects !== 'never';
  if (confirm && redirects && confirmation.returnUrl === undefined) {
    throw badRequest(
      'Some automatic payment methods may redirect the customer: give a return_url, or set automatic_payment_methods[enabled] to true and automatic_payment_methods[allow_redirects] to never.',
      { param: 'return_url' },
    );
  }
  return {
    facts: {
      amount,
      currency,
      automatic,
      allowedTypes,
      customer: params.text('customer') ?? null,
      captureMethod: params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']) ?? 'automatic_async',
      cardOptions: readCardOptions(params),
      description: params.text('description') ?? null,
      receiptEmail: params.text('receipt_email') ?? null,
      setupFutureUsage: params.oneOf('setup_future_usage', ['on_session', 'off_session']) ?? null,
      statementDescriptorSuffix: params.text('statement_descriptor_suffix') ?? null,
      metadata: mergeMetadata({}, params.metadata()),
      more,
    },
    paymentMethod: params.text('payment_method'),
    confirmation: confirm ? confirmation : undefined,
  };
}

export function readConfirmation(params: Params): Confirmation {
  const offSession = params.oneOf('off_session', ['true', 'false', 'one_off', 'recurring']) ?? 'false';
  const returnUrl = params.text('return_url');
  // A script of Stripe's then asks the bank's question in its own page, whatever there is to return to.
  const asksInPage = params.flag('use_stripe_sdk') ?? false;
  return {
    offSession: offSession !== 'false',
    errorOnRequiresAction: params.flag('error_on_requires_action') ?? false,
    returnUrl,
    asksInPage,
  };
}

/** Gone from requests since 2026-09-30.endive; it stays in answers. */
export function refuseRemovedParameter(params: Params): void {
  if (params.nested('payment_method_types') === undefined) return;
  throw badRequest('payment_method_types is no longer supported; use allowed_payment_method_types.', {
    code: 'payment_method_types_no_longer_supported',
    param: 'payment_method_types',
  });
}

/** Without a word about methods, automatic ones with redirects are the default since 2023-08-16. */
function readMethodChoice(params: Params): Pick<PaymentIntentFacts, 'automatic' | 'allowedTypes'> {
  const allowedTypes = readAllowedTypes(params);
  const automatic = params.nested('automatic_payment_methods');
  if (automatic === undefined) {
    return allowedTypes === null
      ? { automatic: { enabled: true, allow_redirects: 'always' }, allowedTypes }
      : { automatic: null, allowedTypes };
  }
  if (allowedTypes !== null) {
    throw badRequest('Give allowed_payment_method_types or automatic_payment_methods, not both.', {
      param: 'allowed_payment_method_types',
    });
  }
  const enabled = automatic.flag('enabled') ?? false;
  const redirects = automatic.oneOf('allow_redirects', ['always', 'never']) ?? 'always';
  return { automatic: { enabled, allow_redirects: redirects }, allowedTypes };
}

export function readAllowedTypes(params: Params): readonly string[] | null {
  const types = params.texts('allowed_payment_method_types') ?? null;
  if (types?.some((type) => type !== 'card')) {
    throw badRequest('The stand-in has cards only.', { param: 'allowed_payment_method_types' });
  }
  return types;
}

function readCardOptions(params: Params): Stripe.PaymentIntent.PaymentMethodOptions.Card {
  const card = params.nested('payment_method_options')?.nested('card');
  const whenAvailable = ['if_available', 'never'] as const;
  const asked = {
    request_extended_authorization: card?.oneOf('request_extended_authorization', whenAvailable),
    request_incremental_authorization: card?.oneOf('request_incremental_authorization', whenAvailable),
    request_multicapture: card?.oneOf('request_multicapture', whenAvailable),
    request_overcapture: card?.oneOf('request_overcapture', whenAvailable),
    stored_credential_usage: card?.oneOf('stored_credential_usage', ['installment', 'recurring', 'unscheduled']),
  };
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  return { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic', ...given };
}
