// Nodes of the staff's pages, the clock, the outbox and the firmware that an operator's own tab has from the last release: each does what it did.
import assert from 'node:assert/strict';
import { referringNow } from '../../host/flows/moved-settings.ts';
import type { FlowNode } from '../../host/flows/node.ts';
import { asNow } from '../../host/flows/old-types.ts';
import { tapcaseDesk } from '../../nodes/node-red-contrib-tapcase/src/desk/desk/contract.ts';
import { tapcaseFault } from '../../nodes/node-red-contrib-tapcase/src/desk/fault/contract.ts';
import { tapcaseJob } from '../../nodes/node-red-contrib-tapcase/src/desk/job/contract.ts';
import { tapcaseFirmware } from '../../nodes/node-red-contrib-tapcase/src/device/firmware/contract.ts';
import { tapcaseOutbox } from '../../nodes/node-red-contrib-tapcase/src/device/outbox/contract.ts';
import { tapcaseOrder } from '../../nodes/node-red-contrib-tapcase/src/money/order/contract.ts';

const REFS = { ledger: 'l', shop: 's', store: 'config.firmware' };
const CONTRACTS = [tapcaseDesk, tapcaseFault, tapcaseFirmware, tapcaseJob, tapcaseOrder, tapcaseOutbox];

describe('a node of the last release', () => {
  for (const [type, saved, now, meant] of [
    ['fault-count', {}, 'tapcase-fault', {}],
    ['outbox-take', { kind: 'pushes' }, 'tapcase-outbox', { step: 'take', kind: 'pushes' }],
    ['outbox-done', {}, 'tapcase-outbox', { step: 'done' }],
    ['firmware-offer', { version: '1.4.0' }, 'tapcase-firmware', { step: 'offer', shop: 's' }],
    ['firmware-file', { shop: '' }, 'tapcase-firmware', { step: 'file', shop: 'config.shop' }],
    ['money-order', {}, 'tapcase-order', { what: 'money' }],
    ['review-decide', {}, 'tapcase-order', { what: 'review' }],
    ['learning-forget', {}, 'tapcase-order', { what: 'forget', shop: 's' }],
    ['desk-view', { list: 'debts' }, 'tapcase-desk', { show: 'debts' }],
    ['reviews-view', { show: 'one' }, 'tapcase-desk', { show: 'one' }],
    ['sensors-view', { show: 'drift' }, 'tapcase-desk', { show: 'drift', shop: 's' }],
  ] as const) {
    it(`${type} ${JSON.stringify(saved)} is a ${now} that does the same`, () => {
      const read = referringNow(asNow({ id: 'n', type, ...REFS, ...saved, wires: [['next']] } as FlowNode));
      assert.deepEqual([read.type, read.wires], [now, [['next']]]);
      const config = CONTRACTS.find((each) => each.type === now)!.parseConfig(read) as object;
      const expected: object = { ledger: 'l', ...meant };
      for (const [name, value] of Object.entries(expected))
        assert.equal(config[name as keyof typeof config], value, name);
    });
  }

  for (const [type, what, ports] of [
    ['visit-due', 'due', [0]],
    ['ledger-prune', 'housekeeping', [3]],
    ['picture-prune', 'housekeeping', [3]],
    ['hold-orphans', 'books', [1, 0]],
    ['money-audit', 'books', [3, 2]],
    ['case-learn', 'learning', [3, 2]],
  ] as const) {
    it(`${type} is a job that runs when its inject says so, and what came out of it goes where it went`, () => {
      const wires = ports.map((_, at) => [`next-${at}`]);
      const read = asNow({ id: 'n', type, ledger: 'l', wires });
      for (const [at, port] of ports.entries()) assert.deepEqual((read.wires as string[][])[port], [`next-${at}`]);
      const config = tapcaseJob.parseConfig(read) as { readonly what: string; readonly everyS: number };
      assert.deepEqual([read.type, config.what, config.everyS], ['tapcase-job', what, 0]);
    });
  }
});
