// Keeps where to send a customer's receipts, once it is sure that the address is a push service's.
import { createPublicKey } from 'node:crypto';
import { parsed, says } from '@tapcase/define-node';
import { Fault, orThrow } from '@tapcase/domain';
import type { Ledger, PushSubscription } from '@tapcase/ledger';
import { readBody, requiredCustomer } from '../../messages.ts';
import type { Shop } from '../../shop/shop/contract.ts';
import type { PushPart } from './contract.ts';

interface Subscribing {
  readonly customerId: string;
  readonly subscription: PushSubscription;
}

export const subscribePart: PushPart<Subscribing> = {
  /** `customer.unknown`, `request.not-json`, `request.invalid`, or `push.bad-keys` when nothing could be encrypted for them. */
  parseMessage: (raw) =>
    parsed(() => {
      const { id: customerId } = requiredCustomer(raw);
      const body = readBody(raw);
      const given = body.fields('subscription');
      const keys = given.fields('keys');
      const subscription: PushSubscription = {
        endpoint: given.text('endpoint', { max: 1_000 }),
        p256dh: keys.text('p256dh', { max: 100 }),
        auth: keys.text('auth', { max: 50 }),
        language: body.oneOf('language', ['en', 'es']),
      };
      if (!isPoint(subscription.p256dh) || Buffer.from(subscription.auth, 'base64url').length !== 16) {
        throw new Fault('push.bad-keys', 'the keys are none of a push subscription');
      }
      return { customerId, subscription };
    }),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const service = orThrow(node.use<Shop>(config.shop, 'tapcase-shop').push);
    return async ({ customerId, subscription }) => {
      const forbidden = service.checkEndpoint(subscription.endpoint);
      if (forbidden !== undefined) throw forbidden;
      await ledger.putPushSubscription(customerId, subscription, node.now());
      return { to: 'done', status: says('stored') };
    };
  },
};

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
