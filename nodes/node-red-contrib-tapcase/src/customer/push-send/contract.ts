// What push-send stores, and the receipt with its subscriptions that outbox-take puts on a message.

import { asFields, chosen, configText, incomplete, parsed } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import type { OutgoingPush } from '@tapcase/ledger';
import { requiredVisit } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'ledger', required: true },
  vapid: { value: '', type: 'vapid', required: true },
  shop: { value: '', type: 'shop', required: true },
  publicUrl: { value: '${PUBLIC_URL}', required: true },
} as const;

export interface PushSendConfig {
  readonly ledger: string;
  readonly vapid: string;
  readonly shop: string;
  /** Where a tap on the notification leads; no slash at the end. */
  readonly publicUrl: string;
}

/** `config.invalid` when the public URL is not one. */
export function parseConfig(raw: unknown): PushSendConfig | Fault {
  const publicUrl = configText(raw, 'publicUrl').replace(/\/+$/, '');
  if (!/^https?:\/\//.test(publicUrl) || !URL.canParse(publicUrl)) {
    return new Fault('config.invalid', 'publicUrl: wants an address that begins with https://', { where: 'publicUrl' });
  }
  return { ledger: chosen(raw, 'ledger'), vapid: chosen(raw, 'vapid'), shop: chosen(raw, 'shop'), publicUrl };
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
