// What push-send stores, and the receipt with its subscriptions that tapcase-outbox puts on a message.

import { asFields, chosen, incomplete, parsed } from '@tapcase/define-node';
import type { Fault } from '@tapcase/domain';
import type { OutgoingPush } from '@tapcase/ledger';
import { requiredVisit } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  vapid: { value: '', type: 'vapid', required: true },
  shop: { value: '', type: 'tapcase-shop', required: true },
} as const;

export interface PushSendConfig {
  readonly ledger: string;
  readonly vapid: string;
  /** Knows where a tap on the notification leads. */
  readonly shop: string;
}

export function parseConfig(raw: unknown): PushSendConfig {
  return { ledger: chosen(raw, 'ledger'), vapid: chosen(raw, 'vapid'), shop: chosen(raw, 'shop') };
}

/** `msg.push`, or `message.incomplete`. */
export function parseMessage(raw: unknown): OutgoingPush | Fault {
  return parsed(() => {
    const push = asFields(asFields(raw).push);
    if (!Array.isArray(push.subscriptions)) throw incomplete('push');
    requiredVisit(push);
    return { ...push, review: push.review ?? null } as unknown as OutgoingPush;
  });
}
