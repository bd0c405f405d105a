// Stripe nodes of earlier releases: pages keep their wires, whichever step they stood for; a rung alone says what to build.
import assert from 'node:assert/strict';
import { asNow, OLD_TYPES } from '../../host/flows/old-types.ts';

const node = (type: string, more: object = {}) => ({ id: 'a', type, z: 'mine', account: 'config.stripe', ...more });

describe('stripe nodes of earlier releases', () => {
  it('that open a page to save a card go on by the first output', () => {
    for (const step of ['start', undefined, 'constructor']) {
      const now = asNow(node('stripe-card-setup', { step, wires: [['b'], ['c']] }));
      assert.deepEqual([now.type, now.mode, now.step, now.wires], ['stripe-page', 'card', 'start', [['b'], ['c']]]);
    }
  });

  it('that read the card go on where it is done, or still open', () => {
    const now = asNow(node('stripe-card-setup', { step: 'finish', wires: [['b'], ['c']] }));
    assert.deepEqual([now.type, now.mode, now.step, now.wires], ['stripe-page', 'card', 'look', [['c'], ['b']]]);
  });

  it('on whose page an amount is paid keep step and outputs', () => {
    const wires = [['b'], ['c'], ['d']];
    const now = asNow(node('stripe-pay-page', { step: 'close', wires }));
    assert.deepEqual([now.type, now.mode, now.step, now.wires], ['stripe-page', 'pay', 'close', wires]);
  });

  it('that were a rung of the ladder, or a read, name what does it now', () => {
    for (const type of ['stripe-settle', 'stripe-charge', 'stripe-look', 'stripe-list']) {
      assert.ok('gone' in OLD_TYPES[type]!);
      assert.throws(() => asNow(node(type)), { code: 'flows.old-type', message: /stripe-call/ });
    }
  });
});
