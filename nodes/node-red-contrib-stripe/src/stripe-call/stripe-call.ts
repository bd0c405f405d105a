// One call of Stripe's API, whichever: once for each id of yours, a list whole or not at all. Stripe's no is an output.
import { defineNode, type Handled, phrase, type Status, says, shows } from '@tapcase/define-node';
import { badMessage } from '../fields.ts';
import { type CallAnswer, refusalFields, type StripeAccount } from '../stripe-account/contract.ts';
import { stripeCall } from './contract.ts';

type Output = 'answered' | 'refused';

export default defineNode({
  ...stripeCall,
  parseMessage: (raw) => raw,
  build: (config, node) => async (_message, raw) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    const { method, max } = config;
    const path = await config.path(raw);
    const params = (await config.params(raw)) ?? {};
    const idempotencyKey = method === 'GET' ? undefined : keyOf(await config.ownId(raw));
    node.status(shows(method), 'working');
    if (method === 'GET' && config.pages === 'all') {
      const listed = await account.callList({ path, params, max });
      return emission(listed, (list) => ({ add: { list }, status: says('__n__ found', { n: list.length }) }));
    }
    const called = await account.call({ method, path, params, idempotencyKey });
    return emission(called, (object) => ({ add: { object }, status: says('answered') }));
  },
});

/** Not the bare id: an id that also names a hold or a refund makes other keys there. */
function keyOf(ownId: string | undefined): string {
  if (ownId !== undefined) return `${ownId}:call`;
  throw badMessage('ownId', phrase('what is not a read wants an id of your own, so that it is done once'));
}

function emission<T>(
  called: CallAnswer<T>,
  done: (answer: T) => { readonly add: object; readonly status: Status },
): Handled<Output> {
  if (called.kind === 'done') {
    const { add, status } = done(called.answer);
    return { to: 'answered', add: { called: add }, status };
  }
  const { refusal, object } = called;
  const status = shows(refusal.declineCode ?? refusal.code);
  return { to: 'refused', add: { called: { ...refusalFields(refusal), object } }, status, look: 'needs-person' };
}
