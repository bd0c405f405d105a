// Ends a hold: takes exactly the amount, or lets it go. Judged by the state Stripe reports, not by which call made it so.
import { defineNode, type Handled } from '@tapcase/define-node';
import type { Intent, IntentAnswer, StripeAccount } from '../stripe-account/contract.ts';
import { parseConfig, parseMessage, type SettleMessage, type SettleResult } from './contract.ts';

export default defineNode({
  type: 'stripe-settle',
  outputs: ['settled', 'refused'],
  parseConfig,
  parseMessage,
  build: (config, node) => async (order: SettleMessage) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    node.status(order.kind, 'working');
    const { intent, amountMinor } = order;
    const idempotencyKey = `${order.id}:${order.kind}:${order.attempt}`;
    const answer =
      order.kind === 'capture'
        ? await account.capture({ intent, amountMinor, idempotencyKey })
        : await account.cancel({ intent, idempotencyKey });
    return judge(order, answer);
  },
});

/** A refusal that carries an intent already in the wanted state means: an earlier try got through. */
function judge(order: SettleMessage, answer: IntentAnswer): Handled<'settled' | 'refused'> {
  const { intent } = answer;
  if (intent !== null && isAsOrdered(order, intent)) {
    return { to: 'settled', add: { settled: resultOf(intent) }, status: intent.status };
  }
  const code = answer.kind === 'refused' ? answer.refusal.code : 'unexpected_state';
  const settled: SettleResult =
    intent === null
      ? { intent: order.intent, status: 'unknown', amountReceivedMinor: 0, code }
      : { ...resultOf(intent), code };
  return { to: 'refused', add: { settled }, status: settled.status, look: 'needs-person' };
}

function isAsOrdered({ kind, amountMinor }: SettleMessage, { status, amountReceivedMinor }: Intent): boolean {
  if (kind === 'cancel') return status === 'canceled';
  return status === 'succeeded' && amountReceivedMinor === amountMinor;
}

function resultOf({ id, status, amountReceivedMinor }: Intent): SettleResult {
  return { intent: id, status, amountReceivedMinor };
}
