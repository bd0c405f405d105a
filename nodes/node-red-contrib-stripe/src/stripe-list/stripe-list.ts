// Lists payments or events of an account, whole or not at all.
import { defineNode } from '@tapcase/define-node';
import { type Intent, intentResult, type StripeAccount } from '../stripe-account/contract.ts';
import { type ListMessage, parseMessage, stripeList } from './contract.ts';

export default defineNode({
  ...stripeList,
  parseMessage,
  build: (config, node) => async (list: ListMessage) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    node.status('listing', 'working');
    const { max } = config;
    const listed = list.kind === 'events' ? await account.events({ ...list, max }) : await payments(account, list, max);
    return { to: 'listed', add: { listed }, status: `${listed.length} ${list.kind}` };
  },
});

async function payments(account: StripeAccount, list: ListMessage & { kind: 'intents' }, max: number) {
  const { createdAfterMs, createdBeforeMs } = list;
  const span = createdBeforeMs === undefined ? { createdAfterMs } : { createdAfterMs, createdBeforeMs };
  return (await account.intents({ ...span, max })).map(toListed);
}

function toListed(intent: Intent) {
  const { metadata, createdAtMs, amountRefundedMinor } = intent;
  return { ...intentResult(intent), metadata, createdAtMs, amountRefundedMinor };
}
