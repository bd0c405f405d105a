// The vapid config node: the keys by which push services and phones know that a push is ours.
import { type ConfigNodeSpec, defineConfigNode } from '@tapcase/define-node';
import { defaults, parseConfig, type Vapid, type VapidConfig } from './contract.ts';
import { createVapid } from './sender.ts';

const spec: ConfigNodeSpec<VapidConfig, Vapid> = {
  type: 'vapid',
  secrets: ['privateKey'],
  defaults,
  parseConfig,
  // The public key is read like a secret, from the environment: the pair is made together and changes together.
  open: (config, secret) => createVapid(config, { publicKey: secret('publicKey'), privateKey: secret('privateKey') }),
};

export default defineConfigNode(spec);
