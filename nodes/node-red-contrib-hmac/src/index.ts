// What other palettes and programs need of the signed frames: the port of the keys, the MAC, and what lies on a message.

export { type CaseFrame, caseFrame } from './envelope/case-frame.ts';
export { type CaseKeys, parseKey } from './hmac-keys/contract.ts';
export { deriveDeviceKey, hmacSha256 } from './hmac-keys/keys.ts';
export type { VerifiedFrame } from './hmac-verify/contract.ts';
