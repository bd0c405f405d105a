// The job of what is due in a real Node-RED: no visit stays unsettled for want of a message.
import assert from 'node:assert/strict';
import type { Visit } from '@tapcase/domain';
import jobNode from '../../nodes/node-red-contrib-tapcase/src/desk/job/job.ts';
import { withRuntime } from './harness.ts';
import { assertMissingConfig, CASE, sentVisit, VISION_WAIT_MS, withVisits } from './visit-bench.ts';

const NODE = { type: 'tapcase-job', module: jobNode, outputs: 4, what: 'due' };
/** Past every deadline. */
const AGES_MS = 3_600_000;
const TICK = { payload: 'tick' };

describe('tapcase-job, what is due', () => {
  withRuntime();
  const visits = withVisits(NODE);
  const sweep = async () => sentVisit(await visits().send(TICK), 0);
  const noted = async ({ id }: Visit) => (await visits().ledger.visitEvents(id)).at(-1);

  for (const phase of ['requested', 'held'] as const) {
    it(`gives up a visit that was left in ${phase}: the hold must go`, async () => {
      await visits().visitIn(phase, { agoMs: AGES_MS });
      const visit = await sweep();
      assert.deepEqual([visit.phase, visit.flagged], ['settling', true]);
      assert.equal((await noted(visit))?.note?.entered, false);
      assert.equal((await visits().ledger.caseRow(CASE)).openVisitId, null);
    });
  }

  it('takes a case that never said that it unlocked for a visit that was not used', async () => {
    await visits().visitIn('unlocking', { agoMs: AGES_MS });
    const visit = await sweep();
    assert.deepEqual([visit.phase, visit.flagged], ['reconciled', true]);
    assert.equal((await noted(visit))?.note?.entered, false);
  });

  for (const phase of ['unlocked', 'open'] as const) {
    it(`asks for a person when the case falls silent with the door ${phase}`, async () => {
      await visits().visitIn(phase, { agoMs: AGES_MS });
      const visit = await sweep();
      assert.deepEqual([visit.phase, visit.flagged], ['reconciled', true]);
      assert.deepEqual((await noted(visit))?.note, { entered: true, silentIn: phase });
    });
  }

  it('stops waiting for the cameras, and changes nothing about the visit', async () => {
    await visits().visitIn('closed', { agoMs: VISION_WAIT_MS + 100, grams: 355 });
    const visit = await sweep();
    assert.deepEqual([visit.phase, visit.flagged], ['closed', false]);
  });

  it('leaves alone what is not due yet', async () => {
    const fresh = await visits().visitIn('closed', { grams: 355 });
    const old = await visits().visitIn('closed', { agoMs: AGES_MS, grams: 355 });
    assert.equal((await sweep()).id, old.id);
    assert.equal((await visits().ledger.visit(fresh.id))?.phase, 'closed');
  });

  it('takes up fifty visits a tick, the longest due first', async () => {
    for (let i = 0; i < 52; i += 1) await visits().visitIn('closed', { agoMs: AGES_MS - i * 1_000 });
    const swept = await visits().collect(TICK, 50);
    const createdAt = swept.map((outcome) => sentVisit(outcome, 0).createdAtMs);
    assert.deepEqual(
      createdAt,
      [...createdAt].sort((a, b) => a - b),
    );
    const left = await visits().ledger.claimDueVisits(Date.now(), 1_000, 100);
    assert.equal(left.length, 2);
  });

  it('says on every message that no ledger is chosen', () => assertMissingConfig(NODE, TICK));
});
