// What mail-send stores and which mail it takes from a message.

import { chosen, parsed, readFields } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { Mail } from '../../shop/mailer/contract.ts';
import { readEmail } from '../email.ts';

export const defaults = {
  name: { value: '' },
  mailer: { value: '', type: 'mailer', required: true },
} as const;

/** Nothing that could end a header line, or a line of the log. */
const ONE_LINE = /^[^\r\n]*$/;

export function parseConfig(raw: unknown): { readonly mailer: string } {
  return { mailer: chosen(raw, 'mailer') };
}

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
