// Lets a command of the cloud on only if its number is new and its time is now.
import { defineNode } from '@tapcase/define-node';
import { checkFresh, checkRising, checkUnexpired, type Fault, unreachable, type VisionCommand } from '@tapcase/domain';
import type { DeviceState } from '../edge/contract.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

/** The name of the file that keeps the last number across restarts. */
const LAST = 'command-seq';

export default defineNode({
  type: 'command-check',
  outputs: ['observe', 'ack', 'keep'],
  defaults,
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const state = node.use<DeviceState>(config.state, 'tapcase-edge');
    return ({ report: command }) => {
      const last = lastNumber(state.read(LAST));
      const refusal = checkRising(last, command.seq) ?? checkTime(command, Math.floor(node.now() / 1000));
      if (refusal !== undefined) throw refusal;
      state.write(LAST, command.seq);
      switch (command.type) {
        case 'ack':
          return { to: 'ack', add: { command }, status: `ack ${command.of}` };
        case 'keep':
          return {
            to: 'keep',
            add: { command, clip: { name: command.id, action: 'pin' } },
            status: `keep ${command.id}`,
          };
        case 'observe':
          return { to: 'observe', add: { command, look: lookBefore(command) }, status: command.id };
        default:
          return unreachable(command);
      }
    };
  },
});

/** When it was asked for tells whether a picture still shows the shelf as it was. */
function lookBefore({ id, at }: VisionCommand & { type: 'observe' }) {
  return { moment: 'before', visit: id, askedAtMs: at * 1000 };
}

/** Only what opens a door or stops a retry must be of this minute. */
function checkTime(command: VisionCommand, nowSeconds: number): Fault | undefined {
  return command.type === 'keep' ? checkUnexpired(command, nowSeconds) : checkFresh(command, nowSeconds);
}

/** A file that holds no number is as good as none: the command's own time still refuses what is old. */
function lastNumber(kept: unknown): number {
  return typeof kept === 'number' && Number.isSafeInteger(kept) ? kept : 0;
}
