// What stripe-list stores, and what a message wants listed.
import { contract } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { asFields, FieldReader, parsed } from '../fields.ts';

export const stripeList = contract({
  type: 'stripe-list',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-list-alt',
  inputs: 1,
  outputs: ['listed'],
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    // More is a fault: a list that was cut short would look complete.
    max: {
      kind: 'number',
      default: 10_000,
      min: 1,
      max: 1_000_000,
      whole: true,
      unit: 'objects',
      icon: 'sort-amount-asc',
    },
  },
});

/** `msg.list` */
export type ListMessage =
  | { readonly kind: 'intents'; readonly createdAfterMs: number; readonly createdBeforeMs: number | undefined }
  | {
      readonly kind: 'events';
      readonly types: readonly string[];
      readonly createdAfterMs: number;
      readonly undeliveredOnly: boolean;
    };

/** Stripe's own limit. */
const TYPES_MAX = 20;

/** `stripe.bad-message` naming the field. */
export function parseMessage(raw: unknown): ListMessage | Fault {
  return parsed(() => {
    const { list } = asFields(raw);
    const read = new FieldReader(list, 'stripe.bad-message', 'msg.list.');
    const kind = read.oneOf('kind', ['intents', 'events']);
    const createdAfterMs = read.whole('createdAfterMs', 0, Number.MAX_SAFE_INTEGER);
    if (kind === 'events') {
      const { types, undeliveredOnly } = asFields(list);
      return { kind, types: readTypes(types), createdAfterMs, undeliveredOnly: undeliveredOnly === true };
    }
    const hasEnd = asFields(list).createdBeforeMs !== undefined;
    const createdBeforeMs = hasEnd ? read.whole('createdBeforeMs', 0, Number.MAX_SAFE_INTEGER) : undefined;
    return { kind, createdAfterMs, createdBeforeMs };
  });
}

function readTypes(types: unknown): readonly string[] {
  const isList = Array.isArray(types) && types.length > 0 && types.length <= TYPES_MAX;
  if (isList && types.every((type) => typeof type === 'string' && /^[a-z_.]{1,80}$/.test(type)))
    return types as string[];
  const where = 'msg.list.types';
  throw new Fault('stripe.bad-message', `${where}: wants 1 to ${TYPES_MAX} event types`, { where });
}
