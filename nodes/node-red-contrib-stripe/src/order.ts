// What a payment needs whichever way it is made: where each value is looked for, and how it is read for a message.
import { matching, type Properties, type TypedValue, textTable, whole } from '@tapcase/define-node';
import { AMOUNT_MINOR_MAX } from '@tapcase/domain';
import { FieldReader } from './fields.ts';

/** Stripe's own limits. */
const METADATA_LIMIT = { entries: 50, name: 40, text: 500 } as const;

/** The property `amount`, looked for in `msg.<at>.amountMinor` unless a dialog says otherwise. */
export function amountProperty<const At extends string>(at: At) {
  return {
    kind: 'typed',
    types: ['msg', 'num', 'jsonata', 'flow', 'global', 'env'],
    default: { type: 'msg', value: `${at}.amountMinor` },
    is: whole(1, AMOUNT_MINOR_MAX),
    unit: 'minor units',
    icon: 'money',
  } as const satisfies Properties[string];
}

export function metadataProperty<const At extends string>(at: At) {
  return {
    kind: 'typed',
    types: ['msg', 'json', 'jsonata'],
    default: { type: 'msg', value: `${at}.metadata` },
    is: textTable(METADATA_LIMIT),
    optional: true,
    icon: 'tags',
  } as const satisfies Properties[string];
}

/** How much, of which money, from whom, with which card, and what Stripe shows beside it: by default all in `msg.<at>`. */
export function orderProperties<const At extends string>(at: At) {
  const text = (field: string, pattern: RegExp, icon: string) =>
    ({
      kind: 'typed',
      types: ['msg', 'str', 'jsonata', 'flow', 'global', 'env'],
      default: { type: 'msg', value: `${at}.${field}` },
      is: matching(pattern),
      icon,
    }) as const satisfies Properties[string];
  return {
    amount: amountProperty(at),
    currency: text('currency', /^[a-z]{3}$/, 'globe'),
    customer: text('customer', /^\w{1,255}$/, 'user'),
    card: text('paymentMethod', /^\w{1,255}$/, 'credit-card-alt'),
    metadata: metadataProperty(at),
  };
}

export interface Order {
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: string;
  readonly paymentMethod: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface OrderValues {
  readonly amount: TypedValue<number>;
  readonly currency: TypedValue<string>;
  readonly customer: TypedValue<string>;
  readonly card: TypedValue<string>;
  readonly metadata: TypedValue<Readonly<Record<string, string>> | undefined>;
}

/** Rejects with `stripe.bad-message`, naming the first value that is not there or is not right. */
export async function readOrder(config: OrderValues, message: object): Promise<Order> {
  return {
    amountMinor: await config.amount(message),
    currency: await config.currency(message),
    customer: await config.customer(message),
    paymentMethod: await config.card(message),
    metadata: (await config.metadata(message)) ?? {},
  };
}

/** An order that stands in `msg.<at>` as a whole. Throws `stripe.bad-message` naming the field. */
export function wholeOrder(message: Readonly<Record<string, unknown>>, at: string): Order {
  const read = new FieldReader(message[at], 'stripe.bad-message', `msg.${at}.`);
  return {
    amountMinor: read.whole('amountMinor', 1, AMOUNT_MINOR_MAX),
    currency: read.text('currency', /^[a-z]{3}$/),
    customer: read.text('customer', /^\w{1,255}$/),
    paymentMethod: read.text('paymentMethod', /^\w{1,255}$/),
    metadata: read.metadata('metadata'),
  };
}
