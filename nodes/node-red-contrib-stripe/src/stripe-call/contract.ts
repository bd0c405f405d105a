// What stripe-call stores: which call of Stripe's API it makes, and where each part of it is looked for.
import { type Check, contract, matching, phrase } from '@tapcase/define-node';
import { isApiPath } from '../stripe-account/api-path.ts';
import { CALLER_ID } from '../stripe-hold/contract.ts';
import { callParams } from './params.ts';

const apiPath: Check<string> = {
  of: 'text',
  want: phrase('a path of Stripe’s API (/v1/… or /v2/…) without a query'),
  bounds: '`/v1/…`, `/v2/…`',
  read: (value) => (isApiPath(value) ? value : undefined),
};

export const stripeCall = contract({
  type: 'stripe-call',
  category: 'stripe',
  color: '#A8C8F0',
  icon: 'font-awesome/fa-plug',
  inputs: 1,
  outputs: ['answered', 'refused'],
  badValue: 'stripe.bad-message',
  properties: {
    account: { kind: 'ref', to: 'stripe-account', required: true, icon: 'credit-card' },
    method: { kind: 'choice', of: ['GET', 'POST', 'DELETE'], default: 'GET', icon: 'exchange' },
    path: {
      kind: 'typed',
      types: ['msg', 'str', 'jsonata', 'flow', 'global', 'env'],
      default: { type: 'msg', value: 'call.path' },
      is: apiPath,
      icon: 'link',
    },
    params: {
      kind: 'typed',
      types: ['msg', 'json', 'jsonata'],
      default: { type: 'msg', value: 'call.params' },
      is: callParams,
      optional: true,
      icon: 'list',
    },
    ownId: {
      kind: 'typed',
      types: ['msg', 'str', 'jsonata', 'flow', 'global', 'env'],
      default: { type: 'msg', value: 'call.id' },
      is: matching(CALLER_ID),
      optional: true,
      icon: 'key',
      only: { method: ['POST', 'DELETE'] },
    },
    pages: { kind: 'choice', of: ['one', 'all'], default: 'one', icon: 'files-o', only: { method: ['GET'] } },
    // More is a fault: a list that was cut short would look complete.
    max: {
      kind: 'number',
      default: 10_000,
      min: 1,
      max: 1_000_000,
      whole: true,
      unit: 'objects',
      icon: 'sort-amount-asc',
      only: { method: ['GET'], pages: ['all'] },
    },
  },
});
