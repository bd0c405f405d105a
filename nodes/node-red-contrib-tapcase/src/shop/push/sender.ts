// Encrypts, signs and posts one web push; the only file that imports web-push.
import { createECDH } from 'node:crypto';
import { Fault } from '@tapcase/domain';
import webPush from 'web-push';
import { checkEndpoint } from './endpoint.ts';
import type { Push, PushConfig, PushOptions } from './port.ts';

export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** A push service answers in a fraction of a second; the outbox tries again. */
const SEND_MS_MAX = 5_000;
/** What every push service must take: 4,096 bytes of body less the encryption's own 103 (RFC 8291 section 4). */
export const PLAINTEXT_BYTES_MAX = 3_993;

/** Throws `config.bad-vapid-keys` when the two do not belong together. */
export function createPush({ subject, allowHosts }: PushConfig, keys: VapidKeys, fetchFn = fetch): Push {
  checkKeys(keys);
  return {
    publicKey: keys.publicKey,
    checkEndpoint: (endpoint) => checkEndpoint(endpoint, allowHosts),
    send: async (subscription, json, options) => {
      // Asked again here: the list may have changed since the phone subscribed.
      const forbidden = checkEndpoint(subscription.endpoint, allowHosts);
      if (forbidden !== undefined) return forbidden;
      const bytes = Buffer.byteLength(json);
      if (bytes > PLAINTEXT_BYTES_MAX) return new Fault('push.too-large', `${bytes} bytes are more than a push holds`);
      const { endpoint, p256dh, auth } = subscription;
      const target = { endpoint, keys: { p256dh, auth } };
      return await post(buildRequest(target, json, options, { subject, ...keys }), fetchFn);
    },
  };
}

function buildRequest(
  subscription: webPush.PushSubscription,
  json: string,
  { ttlSeconds, topic }: PushOptions,
  vapidDetails: VapidKeys & { readonly subject: string },
): webPush.RequestDetails | Fault {
  try {
    return webPush.generateRequestDetails(subscription, json, {
      vapidDetails,
      TTL: ttlSeconds,
      urgency: 'high',
      topic,
    });
  } catch (thrown) {
    // web-push says what it dislikes about a subscription's keys only by throwing.
    return new Fault('push.bad-keys', 'the subscription cannot be encrypted for', {}, thrown);
  }
}

/** web-push's own sender knows only https and has no bound on redirects; its request goes through fetch instead. */
async function post(
  request: webPush.RequestDetails | Fault,
  fetchFn: typeof fetch,
): Promise<'delivered' | 'gone' | Fault> {
  if (request instanceof Fault) return request;
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  try {
    const response = await fetchFn(request.endpoint, {
      method: 'POST',
      headers: headers.filter(([name]) => name !== 'Content-Length'),
      body: new Uint8Array(request.body ?? []),
      // A redirect would lead past the list of hosts.
      redirect: 'manual',
      signal: AbortSignal.timeout(SEND_MS_MAX),
    });
    await response.body?.cancel();
    if (response.ok) return 'delivered';
    // RFC 8030 section 7.3: the subscription has ended.
    if (response.status === 404 || response.status === 410) return 'gone';
    return new Fault('push.refused', `the push service answered ${response.status}`, { status: response.status });
  } catch (thrown) {
    return new Fault('push.unreachable', 'no answer from the push service', {}, thrown);
  }
}

function checkKeys({ publicKey, privateKey }: VapidKeys): void {
  const pair = createECDH('prime256v1');
  try {
    pair.setPrivateKey(Buffer.from(privateKey, 'base64url'));
    if (pair.getPublicKey('base64url') === publicKey) return;
  } catch (thrown) {
    throw new Fault('config.bad-vapid-keys', 'the private VAPID key is none', {}, thrown);
  }
  throw new Fault('config.bad-vapid-keys', 'the two VAPID keys do not belong together');
}
