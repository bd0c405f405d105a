// What gpio-in stores: where its line is. Messages to it are ignored: it is a source.
import { Fault } from '@tapcase/domain';
import { configText } from '../fields.ts';

export const defaults = {
  name: { value: '' },
  url: { value: '', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly url: string } | Fault {
  const url = configText(raw, 'url');
  return /^https?:\/\//.test(url) ? { url } : new Fault('config.invalid', 'url wants an http address');
}

export function parseMessage(raw: unknown): unknown {
  return raw;
}
