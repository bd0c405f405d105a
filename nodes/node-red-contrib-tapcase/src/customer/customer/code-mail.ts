// The mail that carries a sign-in code, in the customer's language.
import type { CodeRequest, Language } from '@tapcase/domain';
import type { Mail } from '../../shop/mail/port.ts';

const WORDS: Readonly<
  Record<Language, { subject: (code: string) => string; text: (code: string, minutes: number) => string }>
> = {
  en: {
    subject: (code) => `${code} is your sign-in code`,
    text: (code, minutes) =>
      `Your sign-in code is ${code}\n\n` +
      `Type it where you asked for it: it is good for ${minutes} minutes, once, and in that browser only. Nobody from the shop will ever ask you for it.\n` +
      `If you did not ask for a code, you need not do anything.\n`,
  },
  es: {
    subject: (code) => `${code} es tu código de acceso`,
    text: (code, minutes) =>
      `Tu código de acceso es ${code}\n\n` +
      `Escríbelo donde lo pediste: vale durante ${minutes} minutos, una sola vez y solo en ese navegador. Nadie de la tienda te lo pedirá nunca.\n` +
      `Si no has pedido ningún código, no tienes que hacer nada.\n`,
  },
};

export function codeMail({ email, language }: CodeRequest, code: string, minutes: number): Mail {
  const words = WORDS[language];
  return {
    to: email,
    subject: words.subject(code),
    text: words.text(code, minutes),
    summary: `sign-in code for ${email}: ${code}`,
  };
}
