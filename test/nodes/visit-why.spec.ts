// Why a visit ended as it did, as staff may read it: the decision and the money, never the customer or the card.
import assert from 'node:assert/strict';
import type { WhyView } from '@tapcase/domain';
import viewNode from '../../nodes/node-red-contrib-tapcase/src/customer/view/view.ts';
import { basketOf } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, CARD, sent, withVisits } from './visit-bench.ts';

const NODE = { type: 'tapcase-view', module: viewNode, outputs: 1, what: 'why' };
const asking = (visit: string) => ({ req: { params: { visit } } });

describe('tapcase-view of why', () => {
  withRuntime();
  const shop = withVisits(NODE);

  it('tells staff what was weighed and thought of in a visit that is not theirs', async () => {
    const { id } = await shop().visitIn('closed', { grams: 353 });
    const basket = { ...basketOf([{ sku: 'cola', count: 1 }]), scale: { removedGrams: 353, sigmaGrams: 2.1 } };
    await shop().ledger.nextMoney(id, {
      atMs: Date.now(),
      ends: () => [],
      decision: { basket, totalMinor: 200, flagged: false, review: false },
    });
    const { payload, statusCode } = sent(await shop().send(asking(id)), 0);
    const why = payload as WhyView;
    assert.equal(statusCode, 200);
    assert.equal(why.caseName, 'Lobby');
    assert.deepEqual(why.evidence?.scale, { removedGrams: 353, sigmaGrams: 2.1 });
    assert.deepEqual(why.evidence?.candidates[0]?.lines, [{ sku: 'cola', name: { en: 'cola', es: 'cola' }, count: 1 }]);
    assert.equal(why.totalMinor, 200);
  });

  it('keeps the customer, the e-mail and the card to itself', async () => {
    const { id, customerId } = await shop().visitIn('open');
    const text = JSON.stringify(sent(await shop().send(asking(id)), 0).payload);
    for (const personal of [customerId, CARD.stripeCustomer, CARD.paymentMethod, CARD.last4, '@example.com']) {
      assert.ok(!text.includes(personal), `${personal} is told`);
    }
  });

  it('says that a visit is not known, and that a request must name one', async () => {
    assertFault(await shop().send(asking('nosuchvisit')), 'visit.unknown');
    assertFault(await shop().send({ req: { params: {} } }), 'message.incomplete');
  });

  it('says that no ledger is chosen', () => assertMissingConfig(NODE, asking('visit1')));
});
