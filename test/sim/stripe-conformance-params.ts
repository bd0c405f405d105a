// The conformance suite's questions about every parameter that Stripe documents for a new payment and the shop never sends.
import type Stripe from 'stripe';
import { type Case, type Observation, outcome } from './stripe-conformance.ts';

type Creation = Partial<Stripe.PaymentIntentCreateParams>;

const REFUSED = { statusCode: 400, type: 'invalid_request_error' } as const;
const MISSING = { ...REFUSED, code: 'resource_missing' } as const;
const INVALID = { ...REFUSED, code: 'payment_intent_invalid_parameter' } as const;
const statusOf = ({ status }: { status: string | null }) => ({ status });
const HELD = { status: 'requires_capture' } as const;

const address = { city: 'Bilbao', country: 'ES', line1: 'Calle 1', line2: '', postal_code: '48001', state: 'BI' };

const SHOWN: readonly [title: string, asked: Creation, expected: Observation][] = [
  [
    'parts of the amount',
    { amount_details: { discount_amount: 20, tax: { total_tax_amount: 30 }, shipping: { amount: 10 } } },
    {
      amount_details: {
        discount_amount: 20,
        tax: { total_tax_amount: 30 },
        shipping: { amount: 10, from_postal_code: null, to_postal_code: null },
        tip: {},
      },
    },
  ],
  [
    'references of the order',
    { payment_details: { customer_reference: 'c-1', order_reference: 'o-1' } },
    { payment_details: { customer_reference: 'c-1', order_reference: 'o-1' } },
  ],
  [
    'where it is sent',
    { shipping: { address, name: 'Ana', phone: '1' } },
    { shipping: { address, carrier: null, name: 'Ana', phone: '1', tracking_number: null } },
  ],
  ['a group of transfers', { transfer_group: 'week-49' }, { transfer_group: 'week-49' }],
  [
    'methods that are left out',
    { excluded_payment_method_types: ['klarna'] },
    { excluded_payment_method_types: ['klarna'] },
  ],
  ['a confirmation that is automatic', { confirmation_method: 'automatic' }, { confirmation_method: 'automatic' }],
];

const ACCEPTANCE = { type: 'online', online: { ip_address: '192.0.2.1', user_agent: 'phone' } } as const;
const TAKEN: readonly [title: string, asked: Creation][] = [
  ['what the customer agreed to', { mandate_data: { customer_acceptance: ACCEPTANCE } }],
  ['where the customer came from', { radar_options: { referrer: 'https://shop.example/' } }],
  ['a bank’s question in a page of Stripe’s script', { use_stripe_sdk: true }],
];

const REFUSALS: readonly [title: string, asked: object, expected: Observation, isOpen?: true][] = [
  [
    'a fee of a platform, without one',
    { application_fee_amount: 10 },
    { ...REFUSED, code: 'application_fees_not_allowed', param: 'application_fee_amount' },
    true,
  ],
  ['a confirmation token', { confirmation_token: 'ctoken_no' }, { ...MISSING, param: 'confirmation_token' }],
  ['another customer’s account', { customer_account: 'acct_no' }, { ...MISSING, param: 'customer_account' }],
  [
    'a calculated tax',
    { hooks: { inputs: { tax: { calculation: 'taxcalc_no' } } } },
    { ...MISSING, param: 'hooks[inputs][tax][calculation]' },
  ],
  ['a mandate', { mandate: 'mandate_no' }, { ...MISSING, param: 'mandate' }],
  ['another’s account', { on_behalf_of: 'acct_no' }, { ...MISSING, param: 'on_behalf_of' }, true],
  [
    'a set of methods',
    { payment_method_configuration: 'pmc_no' },
    { ...MISSING, param: 'payment_method_configuration' },
  ],
  [
    'a method that is described',
    { payment_method_data: { type: 'card' } },
    { ...INVALID, param: 'payment_method_data' },
    true,
  ],
  [
    'a session of a browser that is watched',
    { radar_options: { session: 'rse_no' } },
    { ...MISSING, param: 'radar_options[session]' },
    true,
  ],
  ['a statement’s whole line', { statement_descriptor: 'SHOP' }, { ...INVALID, param: 'statement_descriptor' }, true],
  [
    'a transfer to nobody',
    { transfer_data: { destination: 'acct_no' } },
    { ...MISSING, param: 'transfer_data[destination]' },
    true,
  ],
  [
    'every card left out',
    { excluded_payment_method_types: ['card'] },
    { ...INVALID, param: 'excluded_payment_method_types' },
    true,
  ],
  ['a confirmation by hand', { confirmation_method: 'manual' }, { ...REFUSED, param: 'confirmation_method' }, true],
  [
    'a discount above the amount',
    { amount_details: { discount_amount: 501 } },
    { ...REFUSED, param: 'amount_details' },
    true,
  ],
  [
    'an agreement that nobody signed',
    { mandate_data: { customer_acceptance: { type: 'online' } } },
    { ...REFUSED, code: 'parameter_missing', param: 'mandate_data[customer_acceptance][online]' },
  ],
  [
    'a delivery to nobody',
    { shipping: { address } },
    { ...REFUSED, code: 'parameter_missing', param: 'shipping[name]' },
  ],
];

/** Without confirm=true. */
const UNCONFIRMED: readonly [name: string, value: Creation][] = [
  ['return_url', { return_url: 'https://shop.example/back' }],
  ['off_session', { off_session: true }],
  ['error_on_requires_action', { error_on_requires_action: true }],
  ['mandate_data', { mandate_data: { customer_acceptance: ACCEPTANCE } }],
];

export const PARAM_CASES: readonly Case[] = [
  ...SHOWN.map(
    ([title, asked, expected]): Case => ({
      title: `a payment that says: ${title}`,
      expected: { ...HELD, ...expected },
      observe: ({ hold }) =>
        outcome(hold(asked), (intent) => {
          const seen = Object.keys(expected).map((name) => [name, intent[name as keyof Stripe.PaymentIntent]]);
          return { ...statusOf(intent), ...Object.fromEntries(seen) };
        }),
    }),
  ),
  ...TAKEN.map(
    ([title, asked]): Case => ({
      title: `a payment that says: ${title}`,
      expected: HELD,
      observe: ({ hold }) => outcome(hold(asked), statusOf),
    }),
  ),
  ...REFUSALS.map(
    ([title, asked, expected, isOpen]): Case => ({
      title: `a payment that names: ${title}`,
      expected,
      ...(isOpen ? { isOpen } : {}),
      observe: ({ hold }) => outcome(hold(asked), statusOf),
    }),
  ),
  ...UNCONFIRMED.map(
    ([param, asked]): Case => ({
      title: `${param} without a confirmation`,
      expected: { ...REFUSED, param },
      observe: ({ stripe }) =>
        outcome(stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...asked }), statusOf).then(
          ({ code: _, ...seen }) => seen,
        ),
    }),
  ),
  {
    title: 'a bank’s question where Stripe’s script is to ask it, though there is a page to return to',
    expected: { status: 'requires_action', next: 'use_stripe_sdk' },
    observe: ({ hold }) => {
      const asked = { use_stripe_sdk: true, return_url: 'https://shop.example/back' };
      return outcome(hold({ ...asked, payment_method: 'pm_card_authenticationRequired' }), (intent) => {
        return { ...statusOf(intent), next: intent.next_action?.type };
      });
    },
  },
];
