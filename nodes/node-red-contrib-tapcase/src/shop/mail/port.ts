// The shop's mail: a mail server as the shop's dialog names it, or none at all, in which case mails go to the log.

import { asFields, configText, parsed, readFields } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';

/** One mail, in plain text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** What stands in the log where there is no mail server: one line. */
  readonly summary: string;
}

export type Mailer =
  /** No mail server: whoever sends writes `summary` to the log. For a laptop. */
  | { readonly kind: 'log' }
  /** Throws `mail.refused` or `mail.unreachable`. */
  | { readonly kind: 'smtp'; readonly send: (mail: Mail) => Promise<void>; readonly close: () => void };

export type MailerConfig =
  | { readonly kind: 'log' }
  | {
      readonly kind: 'smtp';
      readonly host: string;
      readonly port: number;
      /** TLS from the first byte (465); otherwise STARTTLS, which only a server on this machine may leave out. */
      readonly secure: boolean;
      /** Empty for a server that asks for none. */
      readonly user: string;
      readonly from: string;
    };

/** Submission with STARTTLS (RFC 6409). */
const PORT_USUAL = '587';

/** `config.invalid` naming the field. */
export function readMail(raw: unknown): MailerConfig | Fault {
  const host = configText(raw, 'mailHost');
  if (host === '') return { kind: 'log' };
  return parsed(() => {
    const { mailPort, mailSecure } = asFields(raw);
    const read = readFields(
      {
        ...asFields(raw),
        // Numbers and flags of earlier releases stay what they were; a variable that says nothing means the usual.
        mailPort: typeof mailPort === 'number' ? mailPort : configText(raw, 'mailPort') || PORT_USUAL,
        mailSecure: typeof mailSecure === 'boolean' ? String(mailSecure) : configText(raw, 'mailSecure') || 'false',
      },
      'config.invalid',
    );
    return {
      kind: 'smtp',
      host,
      port: read.whole('mailPort', { min: 1, max: 65_535 }),
      secure: read.oneOf('mailSecure', ['true', 'false']) === 'true',
      user: configText(raw, 'mailUser'),
      from: read.text('mailFrom', { max: 200, pattern: /^[^\r\n]+@[^\r\n]+$/ }),
    };
  });
}
