// Whether Stripe has had an order before, whoever sent it and whatever became of their memory: by what was written on the payment,
// unless Stripe's own clock proves that it still knows the key.
import { KEY_TRUSTED_MS, remembers } from '@tapcase/domain';
import { asFields, FieldReader } from '../fields.ts';
import type { Intent, StripeAccount } from '../stripe-account/contract.ts';
import { byMarks } from './look.ts';

/** `fence` of an order */
export interface EarlierMarks {
  /** Something at Stripe that surely came before the order was first sent, by Stripe's clock: the visit's hold. null: nothing known. */
  readonly sinceMs: number | null;
  /** Each of these pairs is on the payment, if there is one. */
  readonly marks: Readonly<Record<string, string>>;
  /** No payment of it can be older. */
  readonly createdAfterMs: number;
}

export interface Earlier {
  /** undefined: none, or none was looked for because Stripe knows the key. */
  readonly payment: Intent | undefined;
  /** By Stripe's clock; later the look is worth nothing. */
  readonly keyGoodUntilMs: number | undefined;
}

/** A fence without a time proves nothing, and is always looked past. */
export function readFence(raw: unknown, where: string): EarlierMarks | undefined {
  const { fence } = asFields(raw);
  if (fence === undefined) return undefined;
  const read = new FieldReader(fence, 'stripe.bad-message', `${where}fence.`);
  const { sinceMs } = asFields(fence);
  return {
    sinceMs: sinceMs === null || sinceMs === undefined ? null : read.whole('sinceMs', 0, Number.MAX_SAFE_INTEGER),
    marks: read.metadata('marks'),
    createdAfterMs: read.whole('createdAfterMs', 0, Number.MAX_SAFE_INTEGER),
  };
}

export async function earlier(
  account: StripeAccount,
  customer: string,
  { sinceMs, marks, createdAfterMs }: EarlierMarks,
): Promise<Earlier> {
  if (remembers(sinceMs, account.nowMs()))
    return { payment: undefined, keyGoodUntilMs: (sinceMs ?? 0) + KEY_TRUSTED_MS };
  // Before the question: what is sent while it is answered is remembered from then on.
  const askedAtMs = account.nowMs();
  const payment = await byMarks(account, { customer, metadata: marks, createdAfterMs });
  const from = askedAtMs ?? account.nowMs();
  return { payment, keyGoodUntilMs: from === undefined ? undefined : from + KEY_TRUSTED_MS };
}
