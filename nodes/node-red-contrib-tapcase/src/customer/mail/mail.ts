// Sends a mail through the shop's mail server, or writes its one-line summary to the log where there is none.
import { defineNode, says } from '@tapcase/define-node';
import { orThrow } from '@tapcase/domain';
import type { Shop } from '../../shop/shop/contract.ts';
import { parseMessage, tapcaseMail } from './contract.ts';

export default defineNode({
  ...tapcaseMail,
  parseMessage,
  build: (config, node) => {
    const mailer = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').mail);
    return async (mail) => {
      if (mailer.kind === 'log') {
        node.log(mail.summary);
        return { to: 'sent', status: says('to the log'), look: 'needs-person' };
      }
      await mailer.send(mail);
      return { to: 'sent', status: says('sent') };
    };
  },
});
