// Hands mail to an SMTP server; the only file that imports nodemailer.
import { Fault, isLoopback } from '@tapcase/domain';
import { createTransport } from 'nodemailer';
import type { Mailer, MailerConfig } from './port.ts';

/** A customer waits for the code at the door: a server that takes longer is as good as down. */
const CONNECT_MS_MAX = 5_000;
const SILENCE_MS_MAX = 10_000;

export function createSmtp(config: Extract<MailerConfig, { kind: 'smtp' }>, password: string): Mailer {
  const transport = createTransport({
    host: config.host,
    port: config.port,
    secure: config.secure,
    // A mail is a sign-in code: neither it nor the password crosses a network in the clear. The certificate's name and chain are
    // verified, which is the default of nodemailer as of Node.
    requireTLS: !config.secure && (config.user !== '' || !isLoopback(config.host)),
    ...(config.user === '' ? {} : { auth: { user: config.user, pass: password } }),
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    // Mails are text made here; nothing in one may make the mailer read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    kind: 'smtp',
    send: async ({ to, subject, text }) => {
      try {
        await transport.sendMail({ from: config.from, to, subject, text });
      } catch (thrown) {
        throw toMailFault(thrown);
      }
    },
    close: () => transport.close(),
  };
}

/** The server's own words stay out of the message: they often repeat the customer's address. */
function toMailFault(thrown: unknown): Fault {
  const { responseCode, code } = thrown as { responseCode?: number; code?: string };
  if (typeof responseCode === 'number') {
    return new Fault('mail.refused', `the mail server answered ${responseCode}`, { responseCode });
  }
  return new Fault('mail.unreachable', 'no talking to the mail server', { code: code ?? null });
}
