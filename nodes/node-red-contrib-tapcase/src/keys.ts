// What provisioning needs of the palette: how a device's key follows from the master key.
export { parseKey } from './case-keys/contract.ts';
export { deriveDeviceKey, hmacSha256 } from './case-keys/keys.ts';
