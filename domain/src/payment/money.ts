// Money as integer minor units: what a basket costs, what a currency allows, and how an amount reads.
import type { Catalog } from '../catalog/product.ts';
import { productBySku } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import type { BasketLine } from '../reconcile/basket.ts';
import { decimalsOf, stepMinor } from './currency.ts';

/** Stripe takes at most eight digits. */
export const AMOUNT_MINOR_MAX = 99_999_999;

/** The least that Stripe charges, in minor units (stripe.com/docs/currencies); others: "0.50 US or equivalent". */
const MINIMUM_MINOR: Readonly<Record<string, number>> = {
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
  myr: 200,
  aed: 200,
  thb: 1_000,
};

/** The least that one charge may be; 1 where no minimum is known, and Stripe then says. */
export function minimumMinor(currency: string): number {
  return MINIMUM_MINOR[currency] ?? 1;
}

/** Whether one charge of this amount can be asked for at all. */
export function isChargeable(amountMinor: number, currency: string): boolean {
  if (amountMinor < minimumMinor(currency) || amountMinor > AMOUNT_MINOR_MAX) return false;
  return amountMinor % stepMinor(currency) === 0;
}

/** `money.not-chargeable` with what is wrong, for an amount that Stripe would refuse whoever's card it is; undefined for one that it takes. */
export function notChargeable(amountMinor: number, currency: string): Fault | undefined {
  if (isChargeable(amountMinor, currency)) return undefined;
  const details = {
    amount: formatMinor(amountMinor, currency),
    least: formatMinor(minimumMinor(currency), currency),
    step: formatMinor(stepMinor(currency), currency),
  };
  const { amount, least, step } = details;
  return new Fault(
    'money.not-chargeable',
    `${amount} cannot be held or charged: the least is ${least}, in steps of ${step}`,
    details,
  );
}

/** The sum at the catalog's prices; `basket.unknown-sku`, or `money.too-large` above what one charge can carry. */
export function totalMinor(lines: readonly BasketLine[], catalog: Catalog): number | Fault {
  let total = 0;
  for (const { sku, count } of lines) {
    const product = productBySku(catalog, sku);
    if (product === undefined) return new Fault('basket.unknown-sku', `no ${sku} in this visit's catalog`, { sku });
    total += product.priceMinor * count;
  }
  if (!Number.isSafeInteger(total) || total < 0 || total > AMOUNT_MINOR_MAX) {
    return new Fault('money.too-large', `total of ${total} minor units`, { total });
  }
  return total;
}

/** "$4.00", "4,00 €", "¥400": how an amount reads in the way of a locale (BCP 47), with the currency's own decimals. */
export function moneyText(amountMinor: number, currency: string, locale: string): string {
  const decimals = decimalsOf(currency);
  // Intl takes the decimal text exactly; a division would go through a float.
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(`${amountMinor < 0 ? '-' : ''}${text}` as Intl.StringNumericLiteral);
}

/** "4.00 usd", for logs and for what is typed back; people read `moneyText`. */
export function formatMinor(amountMinor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  return `${(amountMinor / 10 ** decimals).toFixed(decimals)} ${currency}`;
}

/** "1.50" as 150 for dollars, "150" as 150 for yen; `money.bad-amount` for anything that is no such amount. */
export function minorOf(text: string, currency: string): number | Fault {
  const decimals = decimalsOf(currency);
  const [, whole, part = ''] = /^(\d{1,8})(?:\.(\d{1,3}))?$/.exec(text.trim()) ?? [];
  // Digits, not a multiplication: 0.29 * 100 is not 29.
  const amountMinor = Number(`${whole}${part.padEnd(decimals, '0')}`);
  if (whole === undefined || part.length > decimals || amountMinor % stepMinor(currency) !== 0) {
    return new Fault('money.bad-amount', `wants an amount in ${currency} like ${formatMinor(1_500, currency)}`);
  }
  return amountMinor;
}
