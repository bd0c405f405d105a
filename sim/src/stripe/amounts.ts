// Which amounts Stripe takes: of a currency it knows, in its steps, between its least charge and eight digits.
import { AMOUNT_MAX, CURRENCIES, type PublishedCurrency } from './published/currencies.ts';
import { badRequest, type RefusalBody } from './refusal.ts';

type Carried = Pick<RefusalBody, 'payment_intent'>;

export function checkAmount(amount: number, currency: string): void {
  const { minimumMinor } = currencyOf(currency);
  if (amount < 1) {
    throw badRequest('This value must be greater than or equal to 1.', {
      code: 'parameter_invalid_integer',
      param: 'amount',
    });
  }
  if (amount > AMOUNT_MAX) {
    throw badRequest('Amount must be no more than 999,999.99.', { code: 'amount_too_large', param: 'amount' });
  }
  if (amount < minimumMinor) throw tooSmall(minimumMinor, currency, 'amount');
  checkStep(amount, currency, 'amount');
}

/**
 * What is taken of a hold is a charge like any other. Open: no page says so, shops report it (`amount_too_small` for small
 * captures), and a stand-in that takes what Stripe refuses would hide goods given away.
 */
export function checkCaptureAmount(amount: number, currency: string, carried: Carried): void {
  const { minimumMinor } = currencyOf(currency);
  if (amount < minimumMinor) throw tooSmall(minimumMinor, currency, 'amount_to_capture', carried);
  checkStep(amount, currency, 'amount_to_capture', carried);
}

/** Also what is given back must be in the currency's steps; Stripe publishes no code for it (open). */
export function checkStep(amount: number, currency: string, param: string, carried: Carried = {}): void {
  const { stepMinor } = currencyOf(currency);
  if (amount % stepMinor === 0) return;
  throw badRequest(`Amounts in ${currency} must be divisible by ${stepMinor}.`, {
    code: 'invalid_charge_amount',
    param,
    ...carried,
  });
}

/** Lower case only: docs.stripe.com/currencies wants it in every payment request. */
export function checkCurrency(currency: string): void {
  currencyOf(currency);
}

function currencyOf(currency: string): PublishedCurrency {
  const known = CURRENCIES.get(currency);
  if (known !== undefined) return known;
  const shown = currency.slice(0, 8).replace(/\W/g, '?');
  throw badRequest(`Invalid currency: ${shown}.`, { param: 'currency' });
}

function tooSmall(minimumMinor: number, currency: string, param: string, carried: Carried = {}) {
  const message = `Amount must be at least ${minimumMinor} in minor units of ${currency}.`;
  return badRequest(message, { code: 'amount_too_small', param, ...carried });
}
