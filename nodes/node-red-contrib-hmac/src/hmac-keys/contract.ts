// What hmac-keys stores: whose keys it knows. The keys themselves are secrets and are never stored in a flow.

import { type Complete, contract, type Evaluate, Fault, invalidProperty, phrase } from '@tapcase/define-node';
import { CASE_ID, type Device } from '@tapcase/domain';

export const hmacKeys = contract({
  type: 'hmac-keys',
  category: 'config',
  properties: {
    /** `master` derives every device's key (the cloud); `device` holds one (the Pi). */
    mode: { kind: 'choice', of: ['master', 'device'], default: 'master' },
    caseId: { kind: 'text', default: '', max: 32, is: CASE_ID, only: { mode: ['device'] } },
    device: { kind: 'choice', of: ['pi', 'controller'], default: 'pi', only: { mode: ['device'] } },
    masterKey: { kind: 'secret', env: 'CASE_MASTER_KEY', icon: 'lock', only: { mode: ['master'] } },
    previousMasterKey: { kind: 'secret', env: 'CASE_MASTER_KEY_PREVIOUS', icon: 'lock', only: { mode: ['master'] } },
    deviceKey: { kind: 'secret', env: 'DEVICE_KEY', icon: 'lock', only: { mode: ['device'] } },
  },
});

/** The port of the hmac-keys config node. */
export interface CaseKeys {
  /** The device's key, then its previous one while keys rotate; `keys.unknown-device` when this node holds none. */
  keys(caseId: string, device: Device): readonly Uint8Array[] | Fault;
}

export type CaseKeysConfig =
  | { readonly mode: 'master' }
  | { readonly mode: 'device'; readonly caseId: string; readonly device: Device };

/** `config.invalid` names the property. */
export function parseConfig(saved: unknown, evaluate?: Evaluate, complete?: Complete): CaseKeysConfig | Fault {
  const config = hmacKeys.parseConfig(saved, evaluate, complete);
  if (config instanceof Fault) return config;
  const { mode, caseId, device } = config;
  if (mode === 'master') return { mode };
  return caseId === '' ? invalidProperty('caseId', phrase('is empty')) : { mode, caseId, device };
}

/** 64 hex digits to 32 bytes; `keys.malformed` otherwise. The value is never part of the message. */
export function parseKey(hex: string, name: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Fault('keys.malformed', `${name} is not 64 hex digits`, { name });
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
