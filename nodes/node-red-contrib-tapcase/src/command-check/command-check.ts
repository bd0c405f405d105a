// Lets a command of the cloud on only if its number is new and its time is now.
import { defineNode } from '@tapcase/define-node';
import { checkFresh, checkRising } from '@tapcase/domain';
import type { DeviceState } from '../device-state/contract.ts';
import { parseConfig, parseMessage } from './contract.ts';

/** The name of the file that keeps the last number across restarts. */
const LAST = 'command-seq';

export default defineNode({
  type: 'command-check',
  outputs: ['observe', 'ack'],
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const state = node.use<DeviceState>(config.state, 'device-state');
    return ({ report: command }) => {
      const last = lastNumber(state.read(LAST));
      const expires = command.type === 'observe' ? { exp: command.exp } : {};
      const refusal =
        checkRising(last, command.seq) ?? checkFresh({ at: command.at, ...expires }, Math.floor(node.now() / 1000));
      if (refusal !== undefined) throw refusal;
      state.write(LAST, command.seq);
      if (command.type === 'ack') return { to: 'ack', add: { command }, status: `ack ${command.of}` };
      return { to: 'observe', add: { command, look: { moment: 'before', visit: command.id } }, status: command.id };
    };
  },
});

/** A file that holds no number is as good as none: the command's own time still refuses what is old. */
function lastNumber(kept: unknown): number {
  return typeof kept === 'number' && Number.isSafeInteger(kept) ? kept : 0;
}
