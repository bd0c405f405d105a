// visit-refuse in a real Node-RED: no hold, no door.
import assert from 'node:assert/strict';
import visitRefuse from '../../nodes/node-red-contrib-tapcase/src/visit/visit-refuse/visit-refuse.ts';
import { withRuntime } from './harness.ts';
import { assertFault, assertMissingConfig, CASE, sentVisit, withVisits } from './visit-bench.ts';

const NODE = { type: 'visit-refuse', module: visitRefuse, outputs: 1 };

describe('visit-refuse', () => {
  withRuntime();
  const visits = withVisits(NODE);

  it('ends the visit of a declined card, keeps the door shut and frees the case', async () => {
    const visit = await visits().visitIn('requested');
    const ended = sentVisit(await visits().send({ visit, stripe: { code: 'card_declined' } }), 0);
    assert.deepEqual([ended.phase, ended.outcome, ended.chargedMinor], ['done', 'refused', 0]);
    assert.equal((await visits().ledger.caseRow(CASE)).openVisitId, null);
    assert.deepEqual(await visits().ledger.takeFrames(Date.now(), 5_000, 50), []);
  });

  it('keeps the reason for whoever asks why', async () => {
    const visit = await visits().visitIn('requested');
    await visits().send({ visit, stripe: { code: 'card_declined' } });
    const [step] = (await visits().ledger.money(visit.id)).steps;
    assert.deepEqual([step?.state, step?.code], ['failed', 'card_declined']);
    const events = await visits().ledger.visitEvents(visit.id);
    assert.deepEqual(events.at(-1)?.note, { code: 'card_declined' });
  });

  it('takes a refusal without a code for a declined card', async () => {
    const visit = await visits().visitIn('requested');
    assert.equal(sentVisit(await visits().send({ visit }), 0).outcome, 'refused');
  });

  it('refuses nothing that was let in meanwhile', async () => {
    const visit = await visits().visitIn('unlocking');
    await visits().send({ visit, stripe: { code: 'late' } });
    assert.equal((await visits().ledger.visit(visit.id))?.phase, 'unlocking');
  });

  it('refuses a message without a visit, and a visit that is not there', async () => {
    assertFault(await visits().send({ stripe: { code: 'x' } }), 'message.incomplete');
    const visit = { ...(await visits().visitIn('requested')), id: 'nobody0000' };
    assertFault(await visits().send({ visit }), 'visit.unknown');
  });

  it('says on every message that no ledger is chosen', async () => {
    await assertMissingConfig(NODE, { visit: await visits().visitIn('requested') });
  });
});
