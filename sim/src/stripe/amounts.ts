// Which amounts Stripe takes: between its minimum for the currency and eight digits.
import { badRequest } from './refusal.ts';

const AMOUNT_MAX = 99_999_999;
/** Smallest charge by currency in minor units (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
const AMOUNT_MIN: Readonly<Record<string, number>> = {
  usd: 50,
  eur: 50,
  aud: 50,
  cad: 50,
  chf: 50,
  sgd: 50,
  nzd: 50,
  brl: 50,
  gbp: 30,
  dkk: 250,
  nok: 300,
  sek: 300,
  pln: 200,
  ron: 200,
  czk: 1_500,
  huf: 17_500,
  hkd: 400,
  jpy: 50,
  mxn: 1_000,
  aed: 200,
  thb: 1_000,
};

export function checkAmount(amount: number, currency: string): void {
  checkCurrency(currency);
  if (amount < 1) {
    throw badRequest('This value must be greater than or equal to 1.', {
      code: 'parameter_invalid_integer',
      param: 'amount',
    });
  }
  if (amount > AMOUNT_MAX) {
    throw badRequest('Amount must be no more than 999,999.99.', { code: 'amount_too_large', param: 'amount' });
  }
  if (amount < AMOUNT_MIN[currency]!) {
    throw badRequest(`Amount must be at least ${AMOUNT_MIN[currency]} in minor units of ${currency}.`, {
      code: 'amount_too_small',
      param: 'amount',
    });
  }
}

export function checkCurrency(currency: string): void {
  if (!Object.hasOwn(AMOUNT_MIN, currency)) {
    throw badRequest('Invalid currency: the stand-in takes three-letter codes in lower case that it knows.', {
      param: 'currency',
    });
  }
}
