// Opens a signed frame: only what the device's own key has signed, for this very topic, goes on.
import { defineNode } from '@tapcase/define-node';
import { openFrame, orThrow, parseTopic } from '@tapcase/domain';
import type { CaseKeys } from '../hmac-keys/contract.ts';
import { hmacSha256 } from '../hmac-keys/keys.ts';
import { defaults, parseConfig, parseMessage, type VerifiedFrame } from './contract.ts';

export default defineNode({
  type: 'hmac-verify',
  outputs: ['verified'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const caseKeys = node.use<CaseKeys>(config.keys, 'hmac-keys');
    return ({ topic, frame }) => {
      const parts = orThrow(parseTopic(topic));
      const keys = orThrow(caseKeys.keys(parts.caseId, parts.device));
      const payload = orThrow(openFrame({ topic, frame, keys, hmac: hmacSha256 }));
      const verified: VerifiedFrame = { ...parts, topic, payload };
      return { to: 'verified', add: { frame: verified }, status: parts.channel };
    };
  },
});
