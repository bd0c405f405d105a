// What hmac-sign stores, and what a message must bring to be signed.

import { asFields, chosen } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  keys: { value: '', type: 'hmac-keys', required: true },
} as const;

export function parseConfig(raw: unknown): { readonly keys: string } {
  return { keys: chosen(raw, 'keys') };
}

export function parseMessage(raw: unknown): { readonly topic: string; readonly payload: object } | Fault {
  const { topic, payload } = asFields(raw);
  if (typeof topic !== 'string' || typeof payload !== 'object' || payload === null || payload instanceof Uint8Array) {
    return new Fault('message.incomplete', 'wants a topic and a payload object');
  }
  return { topic, payload };
}
