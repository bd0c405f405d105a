// The hmac-keys config node: hands out the keys that sign and verify frames.
import { defineConfigNode, type ReadSecret } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';
import { type CaseKeys, type CaseKeysConfig, hmacKeys, parseConfig, parseKey } from './contract.ts';
import { deriveDeviceKey } from './keys.ts';

export default defineConfigNode<CaseKeysConfig, CaseKeys>({
  ...hmacKeys,
  parseConfig,
  open: (config, secret) => (config.mode === 'master' ? fromMaster(secret) : ofOneDevice(config, secret)),
});

function fromMaster(secret: ReadSecret): CaseKeys {
  const masters = [parseKey(secret('masterKey'), 'masterKey')];
  const previous = optional(secret, 'previousMasterKey');
  if (previous !== undefined) masters.push(parseKey(previous, 'previousMasterKey'));
  return { keys: (caseId, device) => masters.map((master) => deriveDeviceKey(master, caseId, device)) };
}

function ofOneDevice(config: Extract<CaseKeysConfig, { mode: 'device' }>, secret: ReadSecret): CaseKeys {
  const key = parseKey(secret('deviceKey'), 'deviceKey');
  return {
    keys: (caseId, device) =>
      caseId === config.caseId && device === config.device
        ? [key]
        : new Fault('keys.unknown-device', `this node holds no key of ${device} at case ${caseId}`, { caseId, device }),
  };
}

/** Outside a rotation there is no previous key. */
function optional(secret: ReadSecret, name: string): string | undefined {
  try {
    return secret(name);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'config.missing-secret') return undefined;
    throw thrown;
  }
}
