// What weight-reconcile waits for, in a real Node-RED on a real ledger: when all there is to know about a visit is in.
import assert from 'node:assert/strict';
import type { Basket, Visit } from '@tapcase/domain';
import { collect } from '../../nodes/node-red-contrib-tapcase/src/visit/weight-reconcile/collect.ts';
import weightReconcile from '../../nodes/node-red-contrib-tapcase/src/visit/weight-reconcile/weight-reconcile.ts';
import { linesOf, massOf } from '../domain/demo-catalog.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, sawGo, sent, VISION_WAIT_MS, withVisits } from './visit-bench.ts';

const NODE = { type: 'weight-reconcile', module: weightReconcile, outputs: 4 };
const [AGREED, NOTHING] = [0, 3];

describe('the evidence of a visit', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const collected = ({ id }: Visit, overdue = false) => collect(visits().ledger, { visitId: id, overdue }, Date.now());

  it('waits for the cameras after the door has closed', async () => {
    assert.equal(await collected(await visits().visitIn('closed', { grams: 355 })), undefined);
  });

  it('is complete when the cameras have spoken too, however old the message is', async () => {
    const visit = await visits().visitIn('closed', { grams: 355 });
    await visits().vision(visit, sawGo({ cola: 1 }));
    const { evidence } = (await collected(visit))!;
    assert.equal(evidence.door.at(-1)?.type, 'closed');
    assert.deepEqual(evidence.vision?.before, { 0: { cola: 1 } });
  });

  it('stops waiting for the cameras when their time is up', async () => {
    assert.ok(await collected(await visits().visitIn('closed', { agoMs: VISION_WAIT_MS + 100 })));
  });

  it('stops waiting when the sweep took the visit up, although that put its deadline off', async () => {
    const visit = await visits().visitIn('closed', { agoMs: VISION_WAIT_MS + 100 });
    await visits().ledger.claimDueVisits(Date.now(), 10_000, 10);
    assert.equal(await collected(visit), undefined);
    assert.ok(await collected(visit, true));
  });

  it('waits for the door, however early the cameras are', async () => {
    const visit = await visits().visitIn('open');
    await visits().vision(visit);
    assert.equal(await collected(visit), undefined);
  });

  it('of a visit whose basket is decided, or that has none, is complete', async () => {
    assert.equal((await collected(await visits().visitIn('timeout')))?.visit.phase, 'reconciled');
  });

  it('leaves the node as a basket once it is in, and not before', async () => {
    const visit = await visits().visitIn('closed', { grams: massOf({ cola: 1 }) });
    await visits().done({ visit });
    await visits().vision(visit, sawGo({ cola: 1 }));
    // The first message waits for ever: what comes out is the second one's.
    const message = sent(await visits().send({ visit, mine: 2 }), AGREED) as { mine: number; basket: Basket };
    assert.deepEqual([message.mine, message.basket.lines], [2, linesOf({ cola: 1 })]);
  });

  it('is asked of the ledger as it is now, whatever the message says of the visit', async () => {
    const old = await visits().visitIn('unlocked');
    await visits().door(old, { type: 'timeout', mass: 0 });
    const { visit } = sent(await visits().send({ visit: old }), NOTHING);
    assert.equal((visit as Visit).phase, 'reconciled');
  });

  it('is refused of a message without a visit, and of a visit that is not there', async () => {
    assertFault(await visits().send({}), 'message.incomplete');
    const visit = { ...(await visits().visitIn('open')), id: 'nobody0000' };
    assertFault(await visits().send({ visit }), 'visit.unknown');
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(NODE, { visit: await visits().visitIn('open') });
  });
});
