// Sends vision reports signed, and keeps them on disk until the cloud has acked them.
import { defineNode, type Emission, fillEmpty } from '@tapcase/define-node';
import { Fault, orThrow, sealFrame, topicOf, type VisionReport } from '@tapcase/domain';
import { type CaseKeys, hmacSha256 } from '@tapcase/node-red-contrib-hmac';
import type { DeviceState } from '../../computer/edge/contract.ts';
import { defaults, parseConfig, parseMessage, type QueueMessage } from './contract.ts';
import { acknowledge, enqueue, numbered, type Queue, restoreQueue, takeDue } from './queue.ts';

const FILE = 'report-queue';

export default defineNode({
  type: 'report-queue',
  outputs: ['send'],
  defaults,
  parseConfig,
  parseMessage,
  inherits: { from: 'state', type: 'tapcase-edge', fill: fillEmpty({ caseId: 'caseId' }) },
  build: (config, node) => {
    const state = node.use<DeviceState>(config.state, 'tapcase-edge');
    const keys = node.use<CaseKeys>(config.keys, 'hmac-keys');
    const topic = topicOf(config.caseId, 'vision');
    let queue = restoreQueue(state.read(FILE), node.now());
    const keep = (next: Queue) => {
      state.write(FILE, next);
      queue = next;
    };
    const seal = (payload: VisionReport): Buffer => {
      const [key] = orThrow(keys.keys(config.caseId, 'pi'));
      return Buffer.from(orThrow(sealFrame({ topic, payload, key: key!, hmac: hmacSha256 })));
    };
    const accept = (report: Readonly<Record<string, unknown>>) => {
      const payload = orThrow(numbered(queue, report, node.now()));
      // Who made it was killed before it could know that it had arrived.
      if (queue.reported.includes(payload.id)) return;
      // Sealed once before it is kept: one that fits no frame would stand in the way of all the others for ever.
      seal(payload);
      const { queue: next, dropped } = enqueue(queue, payload, node.now());
      keep(next);
      if (dropped !== undefined) {
        node.fail(new Fault('report.too-many', `report ${dropped.payload.seq} was dropped`));
      }
    };
    return (message: QueueMessage) => {
      if (message.kind === 'ack') {
        const next = acknowledge(queue, message.of);
        if (next !== queue) keep(next);
        const { length } = next.waiting;
        node.status(length === 0 ? 'all acked' : `${length} waiting`, length === 0 ? 'did' : 'working');
        return undefined;
      }
      if (message.kind === 'report') accept(message.report);
      const { queue: next, due } = takeDue(queue, node.now());
      // Tries are not worth a write to the card: after a restart everything is due again.
      queue = next;
      return due.map(
        ({ payload }): Emission<'send'> => ({
          to: 'send',
          add: { topic, payload: seal(payload), qos: 1 },
          status: `report ${payload.seq}`,
        }),
      );
    };
  },
});
