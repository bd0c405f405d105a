// What tapcase-mail stores and which mail it takes from a message.
import { contract, parsed, readFields } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { Mail } from '../../shop/mail/port.ts';
import { readEmail } from '../email.ts';

export const tapcaseMail = contract({
  type: 'tapcase-mail',
  category: 'tapcase',
  color: '#F3DFA2',
  icon: 'font-awesome/fa-paper-plane-o',
  inputs: 1,
  outputs: ['sent'],
  properties: {
    shop: { kind: 'ref', to: 'tapcase-shop', required: true, icon: 'building-o' },
  },
});

/** Nothing that could end a header line, or a line of the log. */
const ONE_LINE = /^[^\r\n]*$/;

/** `msg.mail`, or `mail.invalid` naming the field. */
export function parseMessage(raw: unknown): Mail | Fault {
  return parsed(() => {
    const mail = readFields(raw, 'mail.invalid').fields('mail');
    return {
      to: readEmail(mail, 'to'),
      subject: mail.text('subject', { max: 200, pattern: ONE_LINE }),
      text: mail.text('text', { max: 10_000 }),
      summary: mail.text('summary', { max: 300, pattern: ONE_LINE }),
    };
  });
}
