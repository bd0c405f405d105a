// What hmac-sign stores, and what a message must bring to be signed.

import { asFields, contract } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const hmacSign = contract({
  type: 'hmac-sign',
  category: 'tapcase',
  color: '#F3DFA2',
  icon: 'font-awesome/fa-pencil-square-o',
  inputs: 1,
  outputs: ['signed'],
  properties: {
    keys: { kind: 'ref', to: 'hmac-keys', required: true },
  },
});

export function parseMessage(raw: unknown): { readonly topic: string; readonly payload: object } | Fault {
  const { topic, payload } = asFields(raw);
  if (typeof topic !== 'string' || typeof payload !== 'object' || payload === null || payload instanceof Uint8Array) {
    return new Fault('message.incomplete', 'wants a topic and a payload object', { property: 'topic, payload' });
  }
  return { topic, payload };
}
