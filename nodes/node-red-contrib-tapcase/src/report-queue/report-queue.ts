// Sends vision reports signed, and keeps them on disk until the cloud has acked them.
import { defineNode, type Emission } from '@tapcase/define-node';
import { Fault, orThrow, sealFrame, topicOf } from '@tapcase/domain';
import type { CaseKeys } from '../case-keys/contract.ts';
import { hmacSha256 } from '../case-keys/keys.ts';
import type { DeviceState } from '../device-state/contract.ts';
import { parseConfig, parseMessage, type QueueMessage } from './contract.ts';
import { acknowledge, EMPTY_QUEUE, enqueue, type Queue, type Queued, takeDue } from './queue.ts';

const FILE = 'report-queue';

export default defineNode({
  type: 'report-queue',
  outputs: ['send'],
  parseConfig,
  parseMessage,
  build: (config, node) => {
    const state = node.use<DeviceState>(config.state, 'device-state');
    const keys = node.use<CaseKeys>(config.keys, 'case-keys');
    const topic = topicOf(config.caseId, 'vision');
    let queue = (state.read(FILE) as Queue | undefined) ?? EMPTY_QUEUE;
    const keep = (next: Queue) => {
      state.write(FILE, next);
      queue = next;
    };
    return (message: QueueMessage) => {
      if (message.kind === 'ack') {
        keep(acknowledge(queue, message.of));
        return undefined;
      }
      if (message.kind === 'report') {
        const { queue: next, dropped } = enqueue(queue, message.report, node.now());
        keep(next);
        if (dropped !== undefined) node.fail(new Fault('report.too-many', `report ${dropped.seq} was dropped`));
      }
      const { queue: next, due } = takeDue(queue, node.now());
      // Tries are not worth a write to the card: after a restart everything is due again.
      queue = next;
      return due.map((entry) => send(entry));
    };

    function send({ seq, payload }: Queued): Emission<'send'> {
      const [key] = orThrow(keys.keys(config.caseId, 'pi'));
      const frame = orThrow(sealFrame({ topic, payload, key: key!, hmac: hmacSha256 }));
      return { to: 'send', add: { topic, payload: Buffer.from(frame), qos: 1 }, status: `report ${seq}` };
    }
  },
});
