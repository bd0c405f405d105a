// Which currencies Stripe takes, in which steps, and the least that one payment may be: Stripe's own figures, as data.
// Written down from what Stripe publishes and never from the shop's tables: where the two disagree, a test must see it.
//
// Sources: docs.stripe.com/currencies (zero-decimal, three-decimal, special cases; minimum charge amounts as another shop's
// source wrote them down from it on 2026-09-27, the page itself was not at hand); amounts of at most eight digits:
// PaymentIntentCreateParams.amount of stripe 23.1.0 (API 2026-10-28.endive). Which of the currencies below an account may
// present is from the page's older list, unchecked. Open: no page says it of this currency, so the answer is the stricter one.

/** In minor units; some currencies take more, which no test of ours may rely on (open). */
export const AMOUNT_MAX = 99_999_999;

/** The amount is in whole units. */
const ZERO_DECIMAL = words('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf');
/** In thousandths whose last digit is 0, in payments and in refunds. */
const THREE_DECIMAL = words('bhd jod kwd omr tnd');
/** Whole units, written as hundredths that are always 00 ("Special cases"; UGX stands among the zero-decimal ones, too). */
const WHOLE_HUNDREDTHS = words('isk ugx');

/** "Minimum and maximum charge amounts", in minor units. */
const MINIMUMS: Readonly<Record<string, number>> = {
  usd: 50,
  aed: 200,
  ars: 50,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  cop: 50,
  czk: 1_500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  idr: 50,
  ils: 50,
  inr: 50,
  jpy: 50,
  krw: 50,
  mxn: 1_000,
  myr: 200,
  nok: 300,
  nzd: 50,
  php: 50,
  pln: 200,
  ron: 200,
  rub: 50,
  sek: 300,
  sgd: 50,
  thb: 1_000,
  zar: 50,
};

/**
 * "$0.50 US or equivalent", where the table is silent, or so low that shops report refusals above it ("must convert to at
 * least 50 cents"): about 0.60 US dollars in minor units. Open: the rate is Stripe's of that hour, and is published nowhere.
 */
const EQUIVALENTS = pairs(`
  afn 4200 all 5200 amd 24000 ang 110 aoa 56000 ars 100000 awg 110 azn 110 bam 110 bbd 120 bdt 7500 bhd 230 bif 1800
  bmd 60 bnd 80 bob 550 bsd 60 bwp 850 byn 220 bzd 120 cdf 160000 clp 600 cny 450 cop 260000 crc 32000 cve 6000 djf 110
  dop 4000 dzd 8500 egp 3200 etb 10000 fjd 140 fkp 50 gel 180 gip 50 gmd 4800 gnf 5500 gtq 480 gyd 13000 hnl 1700
  htg 8500 idr 1000000 ils 250 inr 5500 isk 8000 jmd 10000 jod 450 kes 8500 kgs 5500 khr 250000 kmf 280 krw 900 kwd 200
  kyd 60 kzt 34000 lak 1400000 lbp 6000000 lkr 20000 lrd 12000 lsl 1200 mad 600 mdl 1100 mga 2900 mkd 3500 mmk 280000
  mnt 230000 mop 520 mur 3000 mvr 1000 mwk 120000 mzn 4200 nad 1200 ngn 110000 nio 2400 npr 9500 omr 250 pab 60 pen 250
  pgk 300 php 3800 pkr 19000 pyg 4800 qar 240 rsd 6800 rub 6000 rwf 950 sar 240 sbd 550 scr 950 shp 50 sle 1600 sos 36000
  srd 2600 std 1400000 szl 1200 tjs 700 tnd 2000 top 170 try 3200 ttd 450 twd 2200 tzs 170000 uah 2800 ugx 230000 uyu 2700
  uzs 800000 vnd 17000 vuv 80 wst 190 xaf 370 xcd 180 xcg 120 xof 370 xpf 70 yer 34000 zar 1200 zmw 1700
`);

export interface PublishedCurrency {
  /** An amount must be a multiple of it, in minor units. */
  readonly stepMinor: 1 | 10 | 100;
  readonly minimumMinor: number;
  /** The least amount is no published one. */
  readonly isOpen: boolean;
  /** What one unit is divided into, as amounts are written. */
  readonly decimals: 0 | 2 | 3;
}

export const CURRENCIES: ReadonlyMap<string, PublishedCurrency> = new Map(
  [...new Set([...Object.keys(MINIMUMS), ...EQUIVALENTS.keys()])].map((code) => [code, currencyOf(code)]),
);

function currencyOf(code: string): PublishedCurrency {
  const published = MINIMUMS[code] ?? 0;
  const equivalent = EQUIVALENTS.get(code) ?? 0;
  return {
    stepMinor: THREE_DECIMAL.has(code) ? 10 : WHOLE_HUNDREDTHS.has(code) ? 100 : 1,
    minimumMinor: Math.max(published, equivalent),
    isOpen: equivalent > published,
    decimals: ZERO_DECIMAL.has(code) ? 0 : THREE_DECIMAL.has(code) ? 3 : 2,
  };
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

function pairs(text: string): ReadonlyMap<string, number> {
  const found = text.trim().split(/\s+/);
  return new Map(found.flatMap((code, at) => (at % 2 === 0 ? [[code, Number(found[at + 1])] as const] : [])));
}
