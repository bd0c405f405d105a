// What picture-queue stores, and the two things a message can be: a wish to keep a visit's pictures, or a tick.

import { asFields, chosen, configText } from '@tapcase/define-node';
import { CASE_ID, Fault, VISIT_ID } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  caseId: { value: '' },
  folder: { value: '' },
  url: { value: '' },
  keys: { value: '', type: 'hmac-keys', required: true },
  state: { value: '', type: 'tapcase-edge', required: true },
} as const;

export interface PictureQueueConfig {
  readonly caseId: string;
  readonly folder: string;
  /** Origin of the cloud; undefined: pictures stay on the card. */
  readonly cloud: string | undefined;
  readonly keys: string;
  readonly state: string;
}

export type QueueMessage = { readonly kind: 'keep'; readonly visit: string } | { readonly kind: 'tick' };

export function parseConfig(raw: unknown): PictureQueueConfig | Fault {
  const caseId = configText(raw, 'caseId');
  if (!CASE_ID.test(caseId)) return new Fault('config.invalid', 'no case is given');
  const folder = configText(raw, 'folder');
  if (folder === '') return new Fault('config.invalid', 'no folder of pictures is given');
  const cloud = originOf(configText(raw, 'url'));
  if (cloud instanceof Fault) return cloud;
  return { caseId, folder, cloud, keys: chosen(raw, 'keys'), state: chosen(raw, 'state') };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A signature keeps a picture from being changed on its way, not from being seen: that takes TLS. */
function originOf(text: string): string | undefined | Fault {
  if (text === 'none') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return new Fault('config.invalid', 'the cloud wants an https address, or none');
  }
  if (url.protocol === 'https:' || LOOPBACK.test(url.hostname)) return url.origin;
  return new Fault('config.invalid', 'the cloud wants https: pictures do not travel in the open');
}

/** `payload.invalid` for a keep without a visit. */
export function parseMessage(raw: unknown): QueueMessage | Fault {
  const { type, id } = asFields(asFields(raw).command);
  if (type !== 'keep') return { kind: 'tick' };
  if (typeof id !== 'string' || !VISIT_ID.test(id)) return new Fault('payload.invalid', 'a keep without a visit');
  return { kind: 'keep', visit: id };
}
