// The sessions config node: holds the key that makes a signed-in customer believable.
import { type ConfigNodeSpec, defineConfigNode } from '@tapcase/define-node';
import { defaults, parseConfig, type Sessions, type SessionsConfig } from './contract.ts';
import { createSessions } from './tokens.ts';

const spec: ConfigNodeSpec<SessionsConfig, Sessions> = {
  type: 'sessions',
  secrets: ['sessionKey'],
  defaults,
  parseConfig,
  open: (config, secret) => createSessions(secret('sessionKey'), config),
};

export default defineConfigNode(spec);
