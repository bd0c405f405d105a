// What an amount of a currency looks like to Stripe: how many decimals it has, and the step that it must be a multiple of.

/** Currencies whose minor unit is the unit itself (docs.stripe.com/currencies, "Zero-decimal currencies"). */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
/** Thousandths; Stripe wants the last digit to be 0 (same page, "Three-decimal currencies"). */
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));
/** No longer divided, yet Stripe still takes hundredths of them, always 00: 5 shillings are 500 (same page, "Special cases"). */
const WHOLE_UNITS = new Set(['isk', 'ugx']);

export function decimalsOf(currency: string): 0 | 2 | 3 {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}

/** An amount that is no multiple of this is refused by Stripe: neither charged nor given back. */
export function stepMinor(currency: string): 1 | 10 | 100 {
  if (THREE_DECIMAL.has(currency)) return 10;
  return WHOLE_UNITS.has(currency) ? 100 : 1;
}
