// Gives money of a payment back, all or a part of it, once. More than is left is refused, and nothing moves.
import { type Emission, shows } from '@tapcase/define-node';
import { KEY_TRUSTED_MS, remembers } from '@tapcase/domain';
import type { Order } from '../order.ts';
import type { Refund, SendBefore, StripeAccount } from '../stripe-account/contract.ts';
import type { RefundMessage, RefundResult } from './contract.ts';

export type FullRefund = RefundMessage & Pick<Order, 'amountMinor' | 'metadata'>;
type Output = 'refunded' | 'refused';

export async function refund(
  account: StripeAccount,
  order: FullRefund,
  lease?: SendBefore['lease'],
): Promise<Emission<Output>> {
  const looks = order.lookFirst && !remembers(order.sinceMs, account.nowMs());
  const askedAtMs = account.nowMs();
  const known = looks ? await earlier(account, order) : undefined;
  if (known !== undefined && known.amountMinor !== order.amountMinor) return refused(order, another(known));
  if (known !== undefined) return refunded(order, known);
  const sinceMs = looks ? (askedAtMs ?? account.nowMs()) : (order.sinceMs ?? undefined);
  const answer = await account.refund({
    ...order,
    before: { lease, stripeMs: sinceMs === undefined ? undefined : sinceMs + KEY_TRUSTED_MS },
    metadata: { ...order.metadata, refund: keyOf(order) },
    idempotencyKey: keyOf(order),
  });
  if (answer.kind === 'done') return refunded(order, answer.refund);
  const { code, message } = answer.refusal;
  return refused(order, { refund: null, status: 'refused', code, message });
}

function keyOf({ id, attempt }: FullRefund): string {
  return `${id}:refund:${attempt}`;
}

async function earlier(account: StripeAccount, order: FullRefund): Promise<Refund | undefined> {
  const refunds = await account.refundsOf(order.intent);
  return refunds.find(({ metadata }) => metadata.refund === keyOf(order));
}

/** Somebody who has forgotten it orders under its key again: what was given back then is not what is meant now. */
function another({ id }: Refund) {
  return { refund: id, status: 'refused', code: 'other_amount' };
}

function refunded(order: FullRefund, { id, status, failureReason, amountMinor }: Refund): Emission<Output> {
  if (status === 'failed' || status === 'canceled') {
    return refused(order, { refund: id, status, code: failureReason ?? status });
  }
  const result: RefundResult = { refund: id, intent: order.intent, amountMinor, status };
  return { to: 'refunded', add: { refunded: result }, status: shows(status) };
}

function refused(
  { intent, amountMinor }: FullRefund,
  why: Pick<RefundResult, 'refund' | 'status' | 'code' | 'message'>,
): Emission<Output> {
  const result: RefundResult = { intent, amountMinor, ...why };
  return { to: 'refused', add: { refunded: result }, status: shows(why.code ?? why.status), look: 'needs-person' };
}
