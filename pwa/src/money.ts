// How amounts and times read in the customer's own language. Never adds anything up: sums come from the cloud.

/**
 * Currencies whose minor unit is the unit itself, and those counted in thousandths. This is how amounts are counted where
 * they are charged, and not always what Intl would show (it gives MGA two decimals and UGX none), so Intl is told. A test
 * holds it against the domain's own lists.
 */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));

export function money(amountMinor: number, currency: string, locale: string): string {
  const decimals = ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(amountMinor / 10 ** decimals);
}

export function dayAndTime(atMs: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);
}

export function grams(mass: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit: 'gram', maximumFractionDigits: 0 }).format(mass);
}

const BRANDS: ReadonlyMap<string, string> = new Map([
  ['amex', 'American Express'],
  ['diners', 'Diners Club'],
  ['discover', 'Discover'],
  ['jcb', 'JCB'],
  ['mastercard', 'Mastercard'],
  ['unionpay', 'UnionPay'],
  ['visa', 'Visa'],
]);

/** "Visa •• 4242"; a brand we do not know is shown as it came. */
export function cardName(card: { readonly brand: string; readonly last4: string }): string {
  return `${BRANDS.get(card.brand) ?? card.brand} •• ${card.last4}`;
}
