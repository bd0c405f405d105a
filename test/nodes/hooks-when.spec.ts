// What tapcase-when tells, in a real Node-RED: what happens in the ledger, as a copy, to everybody who waits for it.
import assert from 'node:assert/strict';
import type { ShopEvent } from '@tapcase/domain';
import whenNode from '../../nodes/node-red-contrib-tapcase/src/hooks/when/when.ts';
import { within } from '../patience.ts';
import { helper, type Message, withRuntime } from './harness.ts';
import { owe } from './owe.ts';
import { withVisits } from './visit-bench.ts';

const NODE = { type: 'tapcase-when', module: whenNode, outputs: 1 };
const ON_TAB = { z: 'own', x: 0, y: 0 };
const KINDS = ['visit-opened', 'visit-ended', 'receipt-made', 'debt-opened'] as const;

/** The next event that comes out of a node of the flow. */
function heard(id: string): Promise<ShopEvent> {
  const come = new Promise<ShopEvent>((resolve) => {
    helper.getNode(id).once('input', ((message: Message) => resolve(message.payload as ShopEvent)) as never);
  });
  return within(`an event at ${id}`, come);
}

describe('tapcase-when', () => {
  withRuntime();

  describe('in an own flow', () => {
    const visits = withVisits({
      ...NODE,
      event: 'visit-flagged',
      own: {
        modules: [],
        nodes: [
          { id: 'own', type: 'tab', label: 'own' },
          ...[...KINDS, 'visit-flagged'].flatMap((event) => [
            { id: `when.${event}`, type: 'tapcase-when', ...ON_TAB, ledger: 'the-ledger', event, wires: [[event]] },
            { id: event, type: 'helper', ...ON_TAB, wires: [] },
          ]),
        ],
      },
    });

    it('is told when a visit is opened, ends, is flagged, has its receipt and its debt', async () => {
      const events = Promise.all([...KINDS, 'visit-flagged'].map(heard));
      const visit = await owe(visits().ledger, await visits().visitIn('closed', { grams: 1 }));
      const [opened, ended, receipt, debt, flagged] = await events;
      assert.equal((opened!.visit as { id: string }).id, visit.id);
      assert.equal((ended!.visit as { outcome: string }).outcome, 'partly_paid');
      const { lines, totalMinor } = receipt!.receipt as { lines: { sku: string; count: number }[]; totalMinor: number };
      assert.deepEqual([lines[0]?.sku, lines[0]?.count, totalMinor], ['cola', 6, 1200]);
      const { visitId, amountMinor } = debt!.debt as { visitId: string; amountMinor: number };
      assert.deepEqual([visitId, amountMinor], [visit.id, 200]);
      assert.equal(flagged!.kind, 'visit-flagged');
    });

    it('gives each of two that wait for the same a copy of its own', async () => {
      const both = Promise.all([heard('out0'), heard('visit-flagged')]);
      const { ledger } = visits();
      const { id } = await visits().visitIn('closed', { grams: 1 });
      await ledger.flagVisit(id, 'disputed_at_bank', {}, Date.now());
      const [one, other] = await both;
      assert.equal(one.id, other.id);
      assert.notEqual(one, other);
      assert.notEqual(one.visit, other.visit);
    });
  });
});
