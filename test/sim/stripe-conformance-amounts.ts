// The conformance suite's questions about amounts: what of a currency may be held, taken and given back.
import { type Case, outcome } from './stripe-conformance.ts';

const REFUSED = { statusCode: 400, type: 'invalid_request_error' } as const;
const statusOf = ({ status }: { status: string | null }) => ({ status });

/** Of each kind: whole units, thousandths, hundredths that are always 00, and plain ones that few shops have. */
const TAKEN = [
  ['krw', 5_000],
  ['clp', 5_000],
  ['isk', 100_000],
  ['ugx', 2_000_000],
  ['kwd', 5_000],
  ['bhd', 5_000],
  ['jod', 5_000],
  ['omr', 5_000],
  ['tnd', 20_000],
  ['inr', 50_000],
  ['kes', 50_000],
  ['idr', 5_000_000],
  ['twd', 20_000],
  ['try', 50_000],
  ['zar', 20_000],
] as const;

const OFF_STEP = { ...REFUSED, code: 'invalid_charge_amount' } as const;
const STEPS = [
  ['kwd', 5_001],
  ['isk', 100_050],
  ['ugx', 2_000_001],
] as const;

const TOO_SMALL = {
  ...REFUSED,
  code: 'amount_too_small',
  param: 'amount_to_capture',
  intent: 'requires_capture',
} as const;
/** Held, taken, and whether the least amount of the currency is a published one. */
const SMALL = [
  ['usd', 500, 49],
  ['usd', 500, 30],
  ['usd', 500, 1],
  ['gbp', 500, 29],
  ['jpy', 500, 49],
] as const;

export const AMOUNT_CASES: readonly Case[] = [
  ...TAKEN.map(
    ([currency, amount]): Case => ({
      title: `a hold of ${amount} in ${currency}`,
      expected: { status: 'requires_capture', amount, currency },
      observe: ({ hold }) =>
        outcome(hold({ currency, amount }), (intent) => {
          return { status: intent.status, amount: intent.amount, currency: intent.currency };
        }),
    }),
  ),
  ...STEPS.map(
    ([currency, amount]): Case => ({
      title: `${amount} in ${currency}, which is none of its steps`,
      expected: { ...OFF_STEP, param: 'amount' },
      isOpen: true,
      observe: ({ hold }) => outcome(hold({ currency, amount }), statusOf),
    }),
  ),
  {
    title: 'a capture that is none of its currency’s steps',
    expected: { ...OFF_STEP, param: 'amount_to_capture', intent: 'requires_capture' },
    isOpen: true,
    observe: async ({ stripe, hold }) => {
      const { id } = await hold({ currency: 'kwd', amount: 5_000 });
      return outcome(stripe.paymentIntents.capture(id, { amount_to_capture: 2_505 }), statusOf);
    },
  },
  {
    title: 'a refund that is none of its currency’s steps',
    expected: { ...OFF_STEP, param: 'amount' },
    isOpen: true,
    observe: async ({ stripe, hold }) => {
      const { id } = await hold({ currency: 'kwd', amount: 5_000 });
      await stripe.paymentIntents.capture(id);
      return outcome(stripe.refunds.create({ payment_intent: id, amount: 2_505 }), statusOf);
    },
  },
  ...SMALL.map(
    ([currency, amount, taken]): Case => ({
      title: `a capture of ${taken} in ${currency}, below the least charge`,
      expected: TOO_SMALL,
      isOpen: true,
      observe: async ({ stripe, hold }) => {
        const { id } = await hold({ currency, amount });
        return outcome(stripe.paymentIntents.capture(id, { amount_to_capture: taken }), statusOf);
      },
    }),
  ),
  {
    title: 'a capture of exactly the least charge',
    expected: { status: 'succeeded' },
    observe: async ({ stripe, hold }) => {
      const { id } = await hold();
      return outcome(stripe.paymentIntents.capture(id, { amount_to_capture: 50 }), statusOf);
    },
  },
  {
    title: 'thirty rupees, above the least charge of the table and below half a dollar',
    expected: { ...REFUSED, code: 'amount_too_small', param: 'amount' },
    isOpen: true,
    observe: ({ hold }) => outcome(hold({ currency: 'inr', amount: 3_000 }), statusOf),
  },
  {
    title: 'a currency that there is not',
    expected: { ...REFUSED, param: 'currency' },
    isOpen: true,
    observe: ({ hold }) => outcome(hold({ currency: 'zzz' }), statusOf),
  },
  {
    title: 'a currency in capitals',
    expected: { ...REFUSED, param: 'currency' },
    isOpen: true,
    observe: ({ hold }) => outcome(hold({ currency: 'USD' }), statusOf),
  },
];
