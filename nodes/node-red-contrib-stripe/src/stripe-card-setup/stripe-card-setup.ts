// Saves a customer's card on Stripe's own page: the start gives the page's address, the finish the card that was entered.
import { defineNode, type Handled } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { parseFinish, parseMessage, parseStart, type StartMessage, stripeCardSetup } from './contract.ts';

type Output = 'ready' | 'incomplete';

export default defineNode({
  ...stripeCardSetup,
  parseMessage,
  build: (config, node) => (cardSetup: unknown) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    return config.step === 'start' ? start(account, cardSetup) : finish(account, cardSetup);
  },
});

async function start(account: StripeAccount, cardSetup: unknown): Promise<Handled<Output>> {
  const order = orThrow(parseStart(cardSetup));
  const customer = order.stripeCustomer ?? (await createCustomer(account, order));
  const { currency, successUrl, cancelUrl, language: locale } = order;
  const metadata = { customer: order.customerId };
  const opened = await account.openCardSetup({ customer, currency, successUrl, cancelUrl, locale, metadata });
  const add = { cardSetup: { ...asFields(cardSetup), ...opened }, stripe: { customer } };
  return { to: 'ready', add, status: 'card page open' };
}

/** The key is the caller's id: two taps at once make one customer at Stripe. */
function createCustomer(account: StripeAccount, { customerId, email }: StartMessage): Promise<string> {
  const metadata = { customer: customerId };
  return account.createCustomer({ idempotencyKey: `${customerId}:customer:1`, email, metadata });
}

async function finish(account: StripeAccount, cardSetup: unknown): Promise<Handled<Output>> {
  const { session, stripeCustomer } = orThrow(parseFinish(cardSetup));
  const card = await account.cardFromSetup(session, stripeCustomer);
  if (card === undefined) return { to: 'incomplete', status: 'no card yet', look: 'needs-person' };
  return { to: 'ready', add: { card }, status: 'card saved' };
}
