// What push-subscribe stores, and the subscription that a phone hands in.
import { createPublicKey } from 'node:crypto';
import { chosen, parsed } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { PushSubscription } from '@tapcase/ledger';
import { readBody, requiredCustomer } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  vapid: { value: '', type: 'vapid', required: true },
} as const;

export interface PushSubscribeConfig {
  readonly ledger: string;
  readonly vapid: string;
}

export interface Subscribing {
  readonly customerId: string;
  readonly subscription: PushSubscription;
}

export function parseConfig(raw: unknown): PushSubscribeConfig {
  return { ledger: chosen(raw, 'ledger'), vapid: chosen(raw, 'vapid') };
}

/** `customer.unknown`, `request.not-json`, `request.invalid`, or `push.bad-keys` when nothing could be encrypted for them. */
export function parseMessage(raw: unknown): Subscribing | Fault {
  return parsed(() => {
    const { id: customerId } = requiredCustomer(raw);
    const body = readBody(raw);
    const given = body.fields('subscription');
    const keys = given.fields('keys');
    const subscription = {
      endpoint: given.text('endpoint', { max: 1_000 }),
      p256dh: keys.text('p256dh', { max: 100 }),
      auth: keys.text('auth', { max: 50 }),
      language: body.oneOf('language', ['en', 'es']),
    };
    if (!isPoint(subscription.p256dh) || Buffer.from(subscription.auth, 'base64url').length !== 16) {
      throw new Fault('push.bad-keys', 'the keys are none of a push subscription');
    }
    return { customerId, subscription };
  });
}

/** An uncompressed point that lies on P-256: 04, then x and y of 32 bytes each. */
function isPoint(base64url: string): boolean {
  const bytes = Buffer.from(base64url, 'base64url');
  if (bytes.length !== 65 || bytes[0] !== 4) return false;
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map((part) => part.toString('base64url'));
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}
