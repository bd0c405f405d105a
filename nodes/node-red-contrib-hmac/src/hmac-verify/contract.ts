// What hmac-verify stores, and what an MQTT message must bring.

import { asFields, contract } from '@tapcase/define-node';
import { Fault, type TopicParts } from '@tapcase/domain';

export const hmacVerify = contract({
  type: 'hmac-verify',
  category: 'tapcase',
  color: '#A9D6B0',
  icon: 'font-awesome/fa-shield',
  inputs: 1,
  outputs: ['verified'],
  properties: {
    keys: { kind: 'ref', to: 'hmac-keys', required: true },
    /** `none`: whoever records what comes knows what it has (the cloud's ledger). */
    replay: { kind: 'choice', of: ['none', 'window'], default: 'none', icon: 'history' },
    /** Keeps the last number; only for `window`. It comes with the palette of the case's computer. */
    state: { kind: 'ref', to: 'tapcase-edge', tip: true },
  },
});

/** `msg.frame`: a payload whose sender is known. Still untyped: the node that uses it parses it. */
export interface VerifiedFrame extends TopicParts {
  readonly topic: string;
  readonly payload: unknown;
}

/** The MQTT node must be set to give a buffer: text would already have lost bytes that are not UTF-8. */
export function parseMessage(raw: unknown): { readonly topic: string; readonly frame: Uint8Array } | Fault {
  const { topic, payload } = asFields(raw);
  if (typeof topic !== 'string' || !(payload instanceof Uint8Array)) {
    return new Fault('message.incomplete', 'wants a topic and a payload of bytes', { property: 'topic, payload' });
  }
  return { topic, frame: payload };
}
