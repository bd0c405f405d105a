// What stripe-list stores, and what a message wants listed.
import { Fault } from '@tapcase/domain';
import { asFields, chosen, FieldReader, parsed } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  account: { value: '', type: 'stripe-account', required: true },
  max: { value: '10000', required: true },
} as const;

export interface ListConfig {
  readonly account: string;
  /** More is a fault: a list that was cut short would look complete. */
  readonly max: number;
}

/** `msg.list` */
export type ListMessage =
  | { readonly kind: 'intents'; readonly createdAfterMs: number; readonly createdBeforeMs: number | undefined }
  | {
      readonly kind: 'events';
      readonly types: readonly string[];
      readonly createdAfterMs: number;
      readonly undeliveredOnly: boolean;
    };

const MAX_MAX = 1_000_000;
/** Stripe's own limit. */
const TYPES_MAX = 20;

/** `config.invalid` */
export function parseConfig(raw: unknown): ListConfig | Fault {
  return parsed(() => {
    const { max } = asFields(raw);
    const stored = { max: typeof max === 'string' && /^\d{1,9}$/.test(max) ? Number(max) : max };
    return {
      account: chosen(raw, 'account'),
      max: new FieldReader(stored, 'config.invalid', '').whole('max', 1, MAX_MAX),
    };
  });
}

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
