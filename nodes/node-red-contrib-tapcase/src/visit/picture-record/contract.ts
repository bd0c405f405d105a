// What picture-record stores, and the upload that a request must be: whose picture, its signature, its bytes.

import { asFields, chosen, incomplete } from '@tapcase/define-node';
import { Fault, type PictureUpload, parseUpload, UPLOAD_HEADERS } from '@tapcase/domain';
import { headerOf, paramOf } from '../../messages.ts';

export const defaults = {
  name: { value: '' },
  ledger: { value: '', type: 'tapcase-ledger', required: true },
  keys: { value: '', type: 'hmac-keys', required: true },
  store: { value: '', type: 'picture-store', required: true },
} as const;

export interface PictureRecordConfig {
  readonly ledger: string;
  readonly keys: string;
  readonly store: string;
}

export interface SignedUpload {
  readonly upload: PictureUpload;
  /** Unix seconds. */
  readonly atSeconds: number;
  readonly mac: Buffer;
  readonly bytes: Uint8Array;
}

export function parseConfig(raw: unknown): PictureRecordConfig {
  return { ledger: chosen(raw, 'ledger'), keys: chosen(raw, 'keys'), store: chosen(raw, 'store') };
}

/** `picture.bad-name`, `picture.bad-signature` without a readable one, `message.incomplete` without raw bytes. */
export function parseMessage(raw: unknown): SignedUpload | Fault {
  const upload = parseUpload(paramOf(raw, 'case'), paramOf(raw, 'visit'), paramOf(raw, 'name'));
  if (upload instanceof Fault) return upload;
  const at = headerOf(raw, UPLOAD_HEADERS.at) ?? '';
  const mac = headerOf(raw, UPLOAD_HEADERS.mac) ?? '';
  if (!/^\d{1,12}$/.test(at) || !/^[0-9a-f]{64}$/.test(mac)) {
    return new Fault('picture.bad-signature', 'the upload is not signed');
  }
  const { payload } = asFields(raw);
  if (!(payload instanceof Uint8Array)) return incomplete('payload');
  return { upload, atSeconds: Number(at), mac: Buffer.from(mac, 'hex'), bytes: payload };
}
