// visit-unlock in a real Node-RED: only held money opens a door, once.
import assert from 'node:assert/strict';
import { UNLOCK_VALID_SECONDS } from '@tapcase/domain';
import visitUnlock from '../../nodes/node-red-contrib-tapcase/src/visit-unlock/visit-unlock.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, CASE, INTENT, sentVisit, withVisits } from './visit-bench.ts';

const NODE = { type: 'visit-unlock', module: visitUnlock, outputs: 1 };
const HELD = { intent: INTENT, status: 'requires_capture' };

describe('visit-unlock', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const frames = () => visits().ledger.takeFrames(Date.now(), 5_000, 50);

  it('defect 3: queues an unlock that the controller understands, and wakes the cameras', async () => {
    const visit = await visits().visitIn('requested');
    const { phase, intent } = sentVisit(await visits().send({ visit, stripe: HELD }), 0);
    assert.deepEqual([phase, intent], ['unlocking', INTENT]);
    const queued = await frames();
    const commands = queued.map(({ topic, payload }) => [topic, payload.type, 'id' in payload && payload.id]);
    assert.deepEqual(commands, [
      [`case/${CASE}/cmd`, 'unlock', visit.id],
      [`case/${CASE}/vision/cmd`, 'observe', visit.id],
    ]);
    for (const { payload } of queued) {
      assert.ok('exp' in payload && payload.exp - payload.at === UNLOCK_VALID_SECONDS);
      assert.ok(Math.abs(payload.at - Date.now() / 1000) < 5);
    }
  });

  it('writes down which hold it was', async () => {
    const visit = await visits().visitIn('requested');
    await visits().send({ visit, stripe: HELD });
    const [step] = await visits().ledger.moneySteps(visit.id);
    assert.deepEqual([step?.state, step?.intent], ['done', INTENT]);
  });

  it('opens no door for money that is not held', async () => {
    const visit = await visits().visitIn('requested');
    for (const stripe of [
      undefined,
      {},
      { intent: INTENT, status: 'requires_action' },
      { status: 'requires_capture' },
    ]) {
      assertFault(await visits().send({ visit, stripe }), 'message.incomplete');
    }
    assert.deepEqual(await frames(), []);
  });

  it('opens the door once when Stripe’s answer comes twice', async () => {
    const visit = await visits().visitIn('requested');
    await visits().send({ visit, stripe: HELD });
    assertFault(await visits().send({ visit, stripe: HELD }), 'visit.wrong-phase');
    assert.equal((await frames()).length, 2);
  });

  it('opens no door when the hold comes after the visit was given up', async () => {
    const visit = await visits().visitIn('requested');
    await visits().ledger.advanceVisit(visit.id, { event: 'case_silent', atMs: Date.now(), visionWaitMs: 0 });
    assertFault(await visits().send({ visit, stripe: HELD }), 'visit.wrong-phase');
    assert.deepEqual(await frames(), []);
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(NODE, { visit: await visits().visitIn('requested'), stripe: HELD });
  });
});
