// What other palettes and programs need of the signed frames: the port of the keys, the MAC, and what lies on a message.
export { type CaseKeys, parseKey } from './case-keys/contract.ts';
export { deriveDeviceKey, hmacSha256 } from './case-keys/keys.ts';
export { type CaseFrame, caseFrame } from './envelope/case-frame.ts';
export type { VerifiedFrame } from './hmac-verify/contract.ts';
