// The HMAC and the key derivation behind signed frames, on node:crypto.
import { createHmac, hkdfSync } from 'node:crypto';
import type { Device, Hmac } from '@tapcase/domain';

const KEY_BYTES = 32;

export const hmacSha256: Hmac = (key, data) => createHmac('sha256', key).update(data).digest();

/** HKDF-SHA256 (RFC 5869) of the master key: a stolen device's key tells nothing about any other's. */
export function deriveDeviceKey(master: Uint8Array, caseId: string, device: Device): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', master, '', `tapcase/v1/${caseId}/${device}`, KEY_BYTES));
}
