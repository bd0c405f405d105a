// Gives money of a payment back, all or a part of it, once. More than is left is refused, and nothing moves.
import { type Emission, shows } from '@tapcase/define-node';
import type { Order } from '../order.ts';
import type { Refund, StripeAccount } from '../stripe-account/contract.ts';
import type { RefundMessage, RefundResult } from './contract.ts';

export type FullRefund = RefundMessage & Pick<Order, 'amountMinor' | 'metadata'>;
type Output = 'refunded' | 'refused';

export async function refund(account: StripeAccount, order: FullRefund): Promise<Emission<Output>> {
  const known = order.lookFirst ? await earlier(account, order) : undefined;
  if (known !== undefined) return refunded(order, known);
  const answer = await account.refund({
    ...order,
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
