// A page of Stripe's own, for a customer's card or for an amount that they pay being there: opened, looked at, closed.
import { defineNode, part, partsBy } from '@tapcase/define-node';
import { asFields } from '../fields.ts';
import type { StripeAccount } from '../stripe-account/contract.ts';
import { closeCardPage, lookForCard, openCardPage } from './card.ts';
import { type PageOutput, stripePage } from './contract.ts';
import { lookAtPage, openPage } from './pay.ts';

interface Config {
  readonly account: string;
  readonly mode: 'card' | 'pay';
  readonly step: 'start' | 'look' | 'close';
}

/** The steps read different fields, so each parses this for itself. */
const card = part<Config, unknown, PageOutput>({
  parseMessage: (raw) => asFields(raw).cardSetup,
  build: ({ account: id, step }, node) => {
    const act = { start: openCardPage, look: lookForCard, close: closeCardPage }[step];
    return (cardSetup) => act(node.use<StripeAccount>(id, 'stripe-account'), cardSetup);
  },
});

const pay = part<Config, unknown, PageOutput>({
  parseMessage: (raw) => asFields(raw).payPage,
  build:
    ({ account: id, step }, node) =>
    async (payPage) => {
      const account = node.use<StripeAccount>(id, 'stripe-account');
      return step === 'start' ? openPage(account, payPage) : lookAtPage(account, payPage, step);
    },
});

export default defineNode({ ...stripePage, ...partsBy('mode', { card, pay }) });
