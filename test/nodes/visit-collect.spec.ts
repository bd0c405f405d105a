// visit-collect in a real Node-RED: when all there is to know about a visit is in.
import assert from 'node:assert/strict';
import type { Evidence } from '@tapcase/ledger';
import visitCollect from '../../nodes/node-red-contrib-tapcase/src/visit/visit-collect/visit-collect.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, sawGo, sent, sentVisit, VISION_WAIT_MS, withVisits } from './visit-bench.ts';

const NODE = { type: 'visit-collect', module: visitCollect, outputs: 2 };
const [READY, WAITING] = [0, 1];

describe('visit-collect', () => {
  withRuntime();
  const visits = withVisits(NODE);

  it('waits for the cameras after the door has closed', async () => {
    const visit = await visits().visitIn('closed', { grams: 355 });
    sent(await visits().send({ visit }), WAITING);
  });

  it('has all when the cameras have spoken too, however old the message is', async () => {
    const visit = await visits().visitIn('closed', { grams: 355 });
    await visits().vision(visit, sawGo({ cola: 1 }));
    const { evidence } = sent(await visits().send({ visit }), READY) as { evidence: Evidence };
    assert.equal(evidence.door.at(-1)?.type, 'closed');
    assert.deepEqual(evidence.vision?.before, { 0: { cola: 1 } });
  });

  it('stops waiting for the cameras when their time is up', async () => {
    sent(await visits().send({ visit: await visits().visitIn('closed', { agoMs: VISION_WAIT_MS + 100 }) }), READY);
  });

  it('stops waiting when the sweep took the visit up, although that put its deadline off', async () => {
    const visit = await visits().visitIn('closed', { agoMs: VISION_WAIT_MS + 100 });
    await visits().ledger.claimDueVisits(Date.now(), 10_000, 10);
    sent(await visits().send({ visit, overdue: true }), READY);
  });

  it('waits for the door, however early the cameras are', async () => {
    const visit = await visits().visitIn('open');
    await visits().vision(visit);
    sent(await visits().send({ visit }), WAITING);
  });

  it('lets a visit pass whose basket is decided, or that has none', async () => {
    const visit = await visits().visitIn('timeout');
    assert.equal(sentVisit(await visits().send({ visit }), READY).phase, 'reconciled');
  });

  it('refuses a message without a visit, and a visit that is not there', async () => {
    assertFault(await visits().send({}), 'message.incomplete');
    const visit = { ...(await visits().visitIn('open')), id: 'nobody0000' };
    assertFault(await visits().send({ visit }), 'visit.unknown');
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(NODE, { visit: await visits().visitIn('open') });
  });
});
