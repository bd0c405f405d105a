// A page of Stripe's on which a customer pays an amount, being there: opened, looked at, closed.
import { defineNode, type Handled } from '@tapcase/define-node';
import { Fault, orThrow } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import { intentResult, type PayPage, type StripeAccount } from '../stripe-account/contract.ts';
import { parseLook, parseMessage, parseStart, stripePayPage } from './contract.ts';

type Output = 'open' | 'paid' | 'closed';

export default defineNode({
  ...stripePayPage,
  parseMessage,
  build: (config, node) => (payPage: unknown) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    return config.step === 'start' ? start(account, payPage) : look(account, payPage, config.step);
  },
});

async function start(account: StripeAccount, payPage: unknown): Promise<Handled<Output>> {
  const { id, attempt, language, ...order } = orThrow(parseStart(payPage));
  const idempotencyKey = `${id}:pay:${attempt}`;
  const opened = await account.openPayPage({ ...order, locale: language, idempotencyKey });
  return { to: 'open', add: { payPage: { ...asFields(payPage), ...opened } }, status: 'page open' };
}

async function look(account: StripeAccount, payPage: unknown, step: 'look' | 'close'): Promise<Handled<Output>> {
  const { session, customer } = orThrow(parseLook(payPage));
  const page = step === 'look' ? await account.payPage(session) : await account.closePayPage(session);
  if (customer !== undefined && page.customer !== customer) {
    throw new Fault('stripe.foreign-session', 'this page belongs to another customer');
  }
  return { to: page.state, add: { paid: seen(page) }, status: page.state };
}

function seen({ session, state, intent, card }: PayPage) {
  return { session, state, intent: intent === null ? null : intentResult(intent), card };
}
