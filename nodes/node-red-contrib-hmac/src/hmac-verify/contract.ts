// What hmac-verify stores, and what an MQTT message must bring.

import { asFields, chosen } from '@tapcase/define-node';
import { Fault, type TopicParts } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  keys: { value: '', type: 'hmac-keys', required: true },
} as const;

/** `msg.frame`: a payload whose sender is known. Still untyped: the node that uses it parses it. */
export interface VerifiedFrame extends TopicParts {
  readonly topic: string;
  readonly payload: unknown;
}

export function parseConfig(raw: unknown): { readonly keys: string } {
  return { keys: chosen(raw, 'keys') };
}

/** The MQTT node must be set to give a buffer: text would already have lost bytes that are not UTF-8. */
export function parseMessage(raw: unknown): { readonly topic: string; readonly frame: Uint8Array } | Fault {
  const { topic, payload } = asFields(raw);
  if (typeof topic !== 'string' || !(payload instanceof Uint8Array)) {
    return new Fault('message.incomplete', 'wants a topic and a payload of bytes');
  }
  return { topic, frame: payload };
}
