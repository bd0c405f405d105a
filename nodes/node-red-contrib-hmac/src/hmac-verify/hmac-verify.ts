// Opens a signed frame: only what the device's own key has signed, for this very topic, goes on; commands, if so set, only once.
import { defineNode, type Status, shows } from '@tapcase/define-node';
import { Fault, openFrame, orThrow, parseTopic, type VisionCommand } from '@tapcase/domain';
import type { CaseKeys } from '../hmac-keys/contract.ts';
import { hmacSha256 } from '../hmac-keys/keys.ts';
import { hmacVerify, parseMessage, type VerifiedFrame } from './contract.ts';
import { refusals } from './flood.ts';
import { type Keeper, takeOnce } from './replay.ts';

export default defineNode({
  ...hmacVerify,
  parseMessage,
  build: (config, node) => {
    const caseKeys = node.use<CaseKeys>(config.keys, 'hmac-keys');
    const keeper = config.replay === 'window' ? node.use<Keeper>(config.state, 'tapcase-edge') : undefined;
    const refused = refusals();
    return ({ topic, frame }) => {
      const opened = open(caseKeys, topic, frame);
      if (opened instanceof Fault) {
        const told = refused.told(topic, opened, node.now());
        if (told === undefined) return undefined;
        throw told;
      }
      const { parts, payload } = opened;
      const verified: VerifiedFrame = { ...parts, topic, payload };
      if (keeper === undefined) return { to: 'verified', add: { frame: verified }, status: shows(parts.channel) };
      const command = takeOnce(verified, keeper, Math.floor(node.now() / 1000));
      return { to: 'verified', add: { frame: verified, command }, status: statusOf(command) };
    };
  },
});

/** What the frame says, and who says it; or why it is refused. */
function open(caseKeys: CaseKeys, topic: string, frame: Uint8Array) {
  try {
    const parts = orThrow(parseTopic(topic));
    const keys = orThrow(caseKeys.keys(parts.caseId, parts.device));
    return { parts, payload: orThrow(openFrame({ topic, frame, keys, hmac: hmacSha256 })) };
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
}

function statusOf(command: VisionCommand): Status {
  return shows(command.type === 'ack' ? `${command.type} ${command.of}` : `${command.type} ${command.id}`);
}
