// Sends a mail through the shop's mail server, or writes its one-line summary to the log where there is none.
import { defineNode } from '@tapcase/define-node';
import type { Mailer } from '../../shop/mailer/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export default defineNode({
  type: 'mail-send',
  outputs: ['sent'],
  defaults,
  parseConfig,
  parseMessage,
  build: ({ mailer: id }, node) => {
    const mailer = node.use<Mailer>(id, 'mailer');
    return async (mail) => {
      if (mailer.kind === 'log') {
        node.log(mail.summary);
        return { to: 'sent', status: 'to the log', look: 'needs-person' };
      }
      await mailer.send(mail);
      return { to: 'sent', status: 'sent' };
    };
  },
});
