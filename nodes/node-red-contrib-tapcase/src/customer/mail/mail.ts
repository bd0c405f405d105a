// Sends a mail through the shop's mail server, or writes its one-line summary to the log where there is none.
import { defineNode } from '@tapcase/define-node';
import type { Mailer } from '../../shop/mailer/contract.ts';
import { parseMessage, tapcaseMail } from './contract.ts';

export default defineNode({
  ...tapcaseMail,
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
