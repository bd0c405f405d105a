// The life of a page of Stripe's on which a customer pays an amount: opened, looked at, closed.
import type { Emission } from '@tapcase/define-node';
import { Fault, orThrow } from '@tapcase/domain';
import { asFields } from '../fields.ts';
import { intentResult, type PayPage, type StripeAccount } from '../stripe-account/contract.ts';
import { parseLook, parseStart } from './contract.ts';

type Output = 'open' | 'paid' | 'closed';

export async function openPage(account: StripeAccount, payPage: unknown): Promise<Emission<Output>> {
  const { id, attempt, language, ...order } = orThrow(parseStart(payPage));
  const idempotencyKey = `${id}:pay:${attempt}`;
  const opened = await account.openPayPage({ ...order, locale: language, idempotencyKey });
  return { to: 'open', add: { payPage: { ...asFields(payPage), ...opened } }, status: 'page open' };
}

export async function lookAtPage(
  account: StripeAccount,
  payPage: unknown,
  step: 'look' | 'close',
): Promise<Emission<Output>> {
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
