// The shop's web push: what nodes get of it, and how the shop's dialog says who signs and which push services we talk to.

import { configText, invalidProperty, phrase } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { PushSubscription } from '@tapcase/ledger';

export interface PushOptions {
  /** How long the push service keeps the message for a phone that is off. */
  readonly ttlSeconds: number;
  /** Of two undelivered messages with one topic only the later is shown. Up to 32 of base64url's characters. */
  readonly topic: string;
}

export interface Push {
  /** For PushManager.subscribe; base64url, uncompressed P-256 point. */
  readonly publicKey: string;
  /** `push.bad-endpoint` unless we may post there: a subscription is an address that a stranger has us call. */
  checkEndpoint(endpoint: string): Fault | undefined;
  /** `gone`: the phone will never hear us again under this subscription. Faults as in the help of web-push. */
  send(
    subscription: Pick<PushSubscription, 'endpoint' | 'p256dh' | 'auth'>,
    json: string,
    options: PushOptions,
  ): Promise<'delivered' | 'gone' | Fault>;
}

export interface PushConfig {
  readonly subject: string;
  /** `host` or `host:port`, lower case. */
  readonly allowHosts: readonly string[];
}

/** A shop has one stand-in, or one push service of its own. */
const ALLOW_HOSTS_MAX = 10;
const HOST = /^[a-z0-9.-]{1,253}(:\d{1,5})?$/;

/** `config.invalid` naming the field. */
export function readPush(raw: unknown): PushConfig | Fault {
  const subject = configText(raw, 'pushSubject');
  // RFC 8292 section 2.1: how the push service reaches whoever sends too much.
  if (!/^(mailto:\S+@\S+|https:\/\/\S+)$/.test(subject)) {
    return invalidProperty('pushSubject', phrase('wants an address of mail or https'));
  }
  const allowHosts = configText(raw, 'pushAllowHosts')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  if (allowHosts.length > ALLOW_HOSTS_MAX || !allowHosts.every((host) => HOST.test(host))) {
    return invalidProperty('pushAllowHosts', phrase('wants up to __max__ names of hosts', { max: ALLOW_HOSTS_MAX }));
  }
  return { subject, allowHosts };
}
