// A page of Stripe's on which a customer pays an amount, being there: opened, looked at, closed.
import { defineNode } from '@tapcase/define-node';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { parseMessage, stripePayPage } from './contract.ts';
import { lookAtPage, openPage } from './page.ts';

export default defineNode({
  ...stripePayPage,
  parseMessage,
  build: (config, node) => (payPage: unknown) => {
    const account = node.use<StripeAccount>(config.account, 'stripe-account');
    return config.step === 'start' ? openPage(account, payPage) : lookAtPage(account, payPage, config.step);
  },
});
