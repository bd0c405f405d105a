// What hmac-keys stores: whose keys it knows. The keys themselves are secrets and are never stored in a flow.

import { parsed, readFields } from '@tapcase/define-node';
import { CASE_ID, type Device, Fault } from '@tapcase/domain';

export const defaults = {
  name: { value: '' },
  /** `master` derives every device's key (the cloud); `device` holds one (the Pi). */
  mode: { value: 'master' },
  caseId: { value: '' },
  device: { value: 'pi' },
  masterKeyEnv: { value: 'CASE_MASTER_KEY' },
  previousMasterKeyEnv: { value: 'CASE_MASTER_KEY_PREVIOUS' },
  deviceKeyEnv: { value: 'DEVICE_KEY' },
} as const;

/** The port of the hmac-keys config node. */
export interface CaseKeys {
  /** The device's key, then its previous one while keys rotate; `keys.unknown-device` when this node holds none. */
  keys(caseId: string, device: Device): readonly Uint8Array[] | Fault;
}

export type CaseKeysConfig =
  | { readonly mode: 'master' }
  | { readonly mode: 'device'; readonly caseId: string; readonly device: Device };

export function parseConfig(raw: unknown): CaseKeysConfig | Fault {
  return parsed(() => {
    const read = readFields(raw, 'keys.invalid');
    if (read.oneOf('mode', ['master', 'device']) === 'master') return { mode: 'master' };
    return {
      mode: 'device',
      caseId: read.text('caseId', { max: 32, pattern: CASE_ID }),
      device: read.oneOf('device', ['controller', 'pi']),
    };
  });
}

/** 64 hex digits to 32 bytes; `keys.malformed` otherwise. The value is never part of the message. */
export function parseKey(hex: string, name: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Fault('keys.malformed', `${name} is not 64 hex digits`, { name });
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
