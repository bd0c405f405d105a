// Money as integer minor units: what a basket costs, and how an amount reads.
import type { Catalog } from '../catalog/product.ts';
import { productBySku } from '../catalog/product.ts';
import { Fault } from '../fault.ts';
import type { BasketLine } from '../reconcile/basket.ts';

/** Stripe takes at most eight digits. */
export const AMOUNT_MINOR_MAX = 99_999_999;

/** Currencies whose minor unit is the unit itself (stripe.com/docs/currencies). */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '));

export function decimalsOf(currency: string): 0 | 2 {
  return ZERO_DECIMAL.has(currency) ? 0 : 2;
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

/** "4.00 usd", for logs and operators; customers get Intl's. */
export function formatMinor(amountMinor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  return `${(amountMinor / 10 ** decimals).toFixed(decimals)} ${currency}`;
}
