// The stripe-account config node: one Stripe account, its key, and where it answers.
import { type ConfigNodeSpec, defineConfigNode } from '@tapcase/define-node';
import { type Adapter, createAdapter } from './adapter.ts';
import { type AccountConfig, checkKey, parseConfig, stripeAccount } from './contract.ts';

const spec: ConfigNodeSpec<AccountConfig, Adapter> = {
  ...stripeAccount,
  parseConfig,
  open: (config, secret) =>
    createAdapter(config, {
      secretKey: checkKey(secret('secretKey'), config),
      webhookSecret: () => secret('webhookSecret'),
    }),
  close: (account) => account.close(),
};

export default defineConfigNode(spec);
