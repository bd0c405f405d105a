// The mailer config node: the mail server of the shop, or the log where there is none.
import { type ConfigNodeSpec, defineConfigNode } from '@tapcase/define-node';
import { defaults, type Mailer, type MailerConfig, parseConfig } from './contract.ts';
import { createSmtp } from './smtp.ts';

const spec: ConfigNodeSpec<MailerConfig, Mailer> = {
  type: 'mailer',
  secrets: ['password'],
  defaults,
  parseConfig,
  open: (config, secret) => {
    if (config.kind === 'log') return config;
    return createSmtp(config, config.user === '' ? '' : secret('password'));
  },
  close: (mailer) => {
    if (mailer.kind === 'smtp') mailer.close();
  },
};

export default defineConfigNode(spec);
