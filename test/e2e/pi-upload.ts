// Signs and puts a picture as a Pi does, for tests that stand in for one.
import { createHash, createHmac } from 'node:crypto';
import { type PictureUpload, uploadPath } from '@tapcase/domain';
import { deriveDeviceKey } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';

export const MASTER_KEY = '07'.repeat(32);

export function piKey(caseId: string): Uint8Array {
  return deriveDeviceKey(Buffer.from(MASTER_KEY, 'hex'), caseId, 'pi');
}

export interface UploadPart {
  readonly key?: Uint8Array;
  /** Unix seconds. */
  readonly at?: number;
  /** What is signed, where it is not what is sent. */
  readonly signedBody?: Uint8Array;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function putAsPi(
  cloud: string,
  upload: PictureUpload,
  body: Uint8Array,
  { key = piKey(upload.caseId), at = Math.floor(Date.now() / 1000), signedBody = body, path, headers }: UploadPart = {},
): Promise<Response> {
  const hash = createHash('sha256').update(signedBody).digest('hex');
  const mac = createHmac('sha256', key)
    .update(`PUT\n${uploadPath(upload)}\n${at}\n${hash}`)
    .digest('hex');
  const type = upload.kind === 'jpg' ? 'image/jpeg' : 'application/octet-stream';
  return fetch(`${cloud}${path ?? uploadPath(upload)}`, {
    method: 'PUT',
    headers: { 'content-type': type, 'x-tapcase-at': String(at), 'x-tapcase-mac': mac, ...headers },
    body: Uint8Array.from(body),
  });
}
