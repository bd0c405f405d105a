// Short facts that travel through a browser and come back as they were: JSON with a MAC, of one purpose, good until a time.
import { createHmac, hkdfSync } from 'node:crypto';
import { sameText } from './staff-guard.ts';

/** Of a name, two ids and a path; longer ones were not made here. */
const LENGTH_MAX = 2_000;

export interface Signer<Words extends object> {
  make(words: Words, untilMs: number): string;
  /** undefined: made with another key or for another purpose, changed, or over. What is in it was put there by `make`. */
  read(text: string | undefined, nowMs: number): Words | undefined;
}

/** `purpose`: the key of one is no good for another. */
export function signer<Words extends object>(secret: Uint8Array, purpose: string): Signer<Words> {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `tapcase/${purpose}`, 32));
  const macOf = (body: string) => createHmac('sha256', key).update(body).digest('base64url');
  return {
    make: (words, untilMs) => {
      const body = Buffer.from(JSON.stringify({ words, untilMs })).toString('base64url');
      return `${body}.${macOf(body)}`;
    },
    read: (text = '', nowMs) => {
      const [body = '', mac = '', ...more] = text.length > LENGTH_MAX ? [] : text.split('.');
      if (more.length > 0 || !sameText(mac, macOf(body))) return undefined;
      const { words, untilMs } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as {
        readonly words: Words;
        readonly untilMs: number;
      };
      return nowMs < untilMs ? words : undefined;
    },
  };
}
