// Seals a payload into a frame with the key of the device that the topic belongs to.
import { defineNode, says, shows } from '@tapcase/define-node';
import { orThrow, parseTopic, sealFrame } from '@tapcase/domain';
import type { CaseKeys } from '../hmac-keys/contract.ts';
import { hmacSha256 } from '../hmac-keys/keys.ts';
import { hmacSign, parseMessage } from './contract.ts';

export default defineNode({
  ...hmacSign,
  parseMessage,
  build: (config, node) => {
    const caseKeys = node.use<CaseKeys>(config.keys, 'hmac-keys');
    return ({ topic, payload }) => {
      const { caseId, device } = orThrow(parseTopic(topic));
      // The newest key signs; older ones only verify what is still under way.
      const [key] = orThrow(caseKeys.keys(caseId, device));
      const frame = orThrow(sealFrame({ topic, payload, key: key!, hmac: hmacSha256 }));
      const { type } = payload as { readonly type?: unknown };
      // The MQTT node sends `payload`; the object stays readable beside it.
      return {
        to: 'signed',
        add: { command: payload, payload: Buffer.from(frame) },
        status: type === undefined ? says('signed') : shows(String(type)),
      };
    };
  },
});
