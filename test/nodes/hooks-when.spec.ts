// What tapcase-when tells, in a real Node-RED: what happens in the ledger, as a copy, to everybody who waits for it.
import assert from 'node:assert/strict';
import type { ShopEvent } from '@tapcase/domain';
import whenNode from '../../nodes/node-red-contrib-tapcase/src/hooks/when/when.ts';
import { within } from '../patience.ts';
import { helper, type Message, withRuntime } from './harness.ts';
import { owe } from './owe.ts';
import { HELD, withVisits } from './visit-bench.ts';

const NODE = { type: 'tapcase-when', module: whenNode, outputs: 1 };
const ON_TAB = { z: 'own', x: 0, y: 0 };
const KINDS = ['visit-opened', 'visit-ended', 'receipt-made', 'debt-opened', 'debt-paid', 'refund-made'] as const;

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
      const events = Promise.all([...KINDS.slice(0, 4), 'visit-flagged'].map(heard));
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

    it('is told when a debt is paid and when money went back', async () => {
      const { ledger } = visits();
      const events = Promise.all([heard('debt-paid'), heard('refund-made')]);
      const { id } = await owe(ledger, await visits().visitIn('closed', { grams: 1 }));
      const [atMs, ends] = [Date.now(), () => []];
      await ledger.payDebt(id, { atMs, expiresAtMs: atMs + 1 });
      const paid = { ...HELD, intent: 'pi_pay', purpose: 'pay', status: 'succeeded', capturableMinor: 0 } as const;
      const intent = { ...paid, amountMinor: 200, receivedMinor: 200 };
      const at = { atMs, ends };
      await ledger.answerMoney({ visitId: id, kind: 'pay', attempt: 1 }, { kind: 'done', intent }, at);
      await ledger.refund({ id: 'refund-1', visitId: id, reason: 'warm', by: 'owner', amountMinor: 50, atMs });
      await ledger.nextMoney(id, at);
      await ledger.answerMoney({ visitId: id, kind: 'refund', attempt: 1 }, { kind: 'done', refund: 're_1' }, at);
      const [debt, refund] = await events;
      assert.equal((debt.debt as { amountMinor: number }).amountMinor, 200);
      assert.deepEqual(refund.refund, { visitId: id, amountMinor: 50, currency: 'usd' });
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
