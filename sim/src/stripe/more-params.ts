// The parameters of a new payment that the shop never sends: read as strictly as the others, and shown in the payment.
import type Stripe from 'stripe';
import type { Params } from './params.ts';
import { CREATE_PARAMS, ONLY_WITH_CONFIRM } from './published/create-params.ts';
import { badRequest, missingParam } from './refusal.ts';

/** What of them a payment shows. */
export type MoreFacts = Partial<
  Pick<
    Stripe.PaymentIntent,
    'amount_details' | 'excluded_payment_method_types' | 'payment_details' | 'shipping' | 'transfer_group'
  >
>;

export function readMore(params: Params, { amount, confirm }: { amount: number; confirm: boolean }): MoreFacts {
  refuseWhatIsNotTaken(params);
  if (!confirm) refuseUnconfirmed(params);
  readConfirmationMethod(params);
  readMandateData(params);
  readRadarOptions(params);
  const shown = {
    amount_details: readAmountDetails(params, amount),
    excluded_payment_method_types: readExcluded(params),
    payment_details: readPaymentDetails(params),
    shipping: readShipping(params),
    transfer_group: params.text('transfer_group'),
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
}

function refuseWhatIsNotTaken(params: Params): void {
  for (const [name, rule] of Object.entries(CREATE_PARAMS)) {
    if (rule === 'taken' || !params.has(name)) continue;
    if ('refused' in rule) throw badRequest(rule.refused, { param: name, ...(rule.code ? { code: rule.code } : {}) });
    const path = [name, ...rule.at];
    const id = textAt(params, path);
    if (id) throw missingParam(rule.names, id, path.map((part, depth) => (depth === 0 ? part : `[${part}]`)).join(''));
  }
}

function textAt(params: Params, [name, ...rest]: readonly string[]): string | undefined {
  if (name === undefined) return undefined;
  if (rest.length === 0) return params.text(name);
  const nested = params.nested(name);
  return nested === undefined ? undefined : textAt(nested, rest);
}

function refuseUnconfirmed(params: Params): void {
  const param = ONLY_WITH_CONFIRM.find((name) => params.has(name) && !params.isText(name, 'false'));
  if (param !== undefined) throw badRequest(`${param} may only be given together with confirm=true.`, { param });
}

function readConfirmationMethod(params: Params): void {
  if (params.oneOf('confirmation_method', ['automatic', 'manual']) !== 'manual') return;
  // Open: what a payment's states are between the bank's answer and the second confirmation.
  throw badRequest('The stand-in confirms automatically.', { param: 'confirmation_method' });
}

function readMandateData(params: Params): void {
  const acceptance = params.nested('mandate_data')?.requiredNested('customer_acceptance');
  if (acceptance === undefined) return;
  acceptance.integer('accepted_at');
  acceptance.nested('offline');
  if (acceptance.requiredOneOf('type', ['offline', 'online']) === 'offline') return;
  const online = acceptance.requiredNested('online');
  online.requiredText('ip_address');
  online.requiredText('user_agent');
}

function readRadarOptions(params: Params): void {
  const radar = params.nested('radar_options');
  radar?.text('referrer');
  const session = radar?.text('session');
  // A script in the browser makes them, and none runs here.
  if (session !== undefined) throw missingParam('radar session', session, 'radar_options[session]');
}

function readAmountDetails(params: Params, amount: number): Stripe.PaymentIntent.AmountDetails | undefined {
  const details = params.nested('amount_details');
  if (details === undefined) return undefined;
  if (details.has('line_items')) {
    // Open: the sums that Stripe checks them against are not in the SDK.
    throw badRequest('The stand-in takes no lines of an amount.', { param: 'amount_details[line_items]' });
  }
  details.flag('enforce_arithmetic_validation');
  const discount = details.integer('discount_amount');
  const shipping = details.nested('shipping');
  const tax = details.nested('tax')?.requiredInteger('total_tax_amount');
  const shippingAmount = shipping?.integer('amount');
  const parts = [discount ?? 0, tax ?? 0, shippingAmount ?? 0];
  // Open: Stripe has a code for the error that stands in the payment, and none for a refusal.
  if (parts.some((part) => part < 0 || part > amount)) {
    throw badRequest('A part of the amount is larger than the amount.', { param: 'amount_details' });
  }
  return {
    ...(discount === undefined ? {} : { discount_amount: discount }),
    ...(tax === undefined ? {} : { tax: { total_tax_amount: tax } }),
    ...(shipping === undefined
      ? {}
      : {
          shipping: {
            amount: shippingAmount ?? null,
            from_postal_code: shipping.text('from_postal_code') ?? null,
            to_postal_code: shipping.text('to_postal_code') ?? null,
          },
        }),
    tip: {},
  };
}

function readExcluded(params: Params): Stripe.PaymentIntent['excluded_payment_method_types'] | undefined {
  const types = params.texts('excluded_payment_method_types');
  if (types === undefined) return undefined;
  if (types.includes('card')) {
    const param = 'excluded_payment_method_types';
    throw badRequest('Without cards no method is left.', { code: 'payment_intent_invalid_parameter', param });
  }
  return [...types] as Stripe.PaymentIntent['excluded_payment_method_types'];
}

function readPaymentDetails(params: Params): Stripe.PaymentIntent.PaymentDetails | undefined {
  const details = params.nested('payment_details');
  if (details === undefined) return undefined;
  return {
    customer_reference: details.text('customer_reference') || null,
    order_reference: details.text('order_reference') || null,
  };
}

function readShipping(params: Params): Stripe.PaymentIntent.Shipping | undefined {
  const shipping = params.nested('shipping');
  if (shipping === undefined) return undefined;
  const address = shipping.requiredNested('address');
  const line = (name: string) => address.text(name) ?? null;
  return {
    address: {
      city: line('city'),
      country: line('country'),
      line1: line('line1'),
      line2: line('line2'),
      postal_code: line('postal_code'),
      state: line('state'),
    },
    carrier: shipping.text('carrier') ?? null,
    name: shipping.requiredText('name'),
    phone: shipping.text('phone') ?? null,
    tracking_number: shipping.text('tracking_number') ?? null,
  } as Stripe.PaymentIntent.Shipping;
}
